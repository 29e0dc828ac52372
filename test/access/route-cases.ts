// For every route of /api/v1: how it is called about things of a tenant, and at which level those things stand.
import { randomUUID } from 'node:crypto';
import type { Queryable } from '../../src/db/database.ts';
import { writeRecipe } from '../../src/records/recipes/stored-recipes.ts';
import { smallRecipe } from '../support/small-recipe.ts';
import { insertRow, type Tenant, tableRules } from './tenant-rows.ts';

export interface RouteCase {
  /** The level of what is named; null = it belongs to no place, so nothing of it is foreign. */
  at: 'concept' | 'company' | 'site' | null;
  /** The address about things of a tenant. */
  path: (t: Tenant, made: string) => string;
  body?: (t: Tenant) => unknown;
  /** A body that is no JSON. */
  raw?: string;
  headers?: Record<string, string>;
  /** Makes what the call does away with; its id. */
  make?: (q: Queryable, t: Tenant) => Promise<string>;
  /** A list: its rows are the caller's own. */
  isList?: boolean;
}

const v1 = '/api/v1';
const list = (path: string): RouteCase => ({ at: null, path: () => v1 + path, isList: true });
const free = (path: string, more: Partial<RouteCase> = {}): RouteCase => ({ at: null, path: () => v1 + path, ...more });
const ofSite = (path: (t: Tenant, made: string) => string, more: Partial<RouteCase> = {}): RouteCase => ({
  at: 'site',
  path: (t, made) => v1 + path(t, made),
  ...more,
});
const emptyBody = { body: () => ({}) };

// A further row of a tenant, which may be done away with.
const further =
  (table: string, more: Record<string, unknown> = {}) =>
  async (q: Queryable, t: Tenant) => {
    const id = randomUUID();
    await insertRow(q, table, { ...tableRules[table]!.row(t, 1), id, ...more });
    return id;
  };
const aKey = async (q: Queryable, t: Tenant) =>
  await further('integration_api_keys', { key_hash: Buffer.from(randomUUID()) })(q, t);

// Users belong to no place: only who may do everything knows them.
const ofUser = (path: string, more: Partial<RouteCase> = {}): RouteCase => ({
  at: null,
  path: (_, made) => `${v1}/users/${made}${path}`,
  make: async (q, t) => await further('integration_users', { email: `${randomUUID()}@example.com` })(q, t),
  ...more,
});

// Recipes belong to no place, too, and only who may do everything changes them.
const ofRecipe = (id: string, more: Partial<RouteCase> = {}): RouteCase => ({
  at: null,
  path: () => `${v1}/recipes/${id}`,
  make: async (q) => {
    const row = { id, title: 'x', recipe: smallRecipe(id), version: 1, updated_by: null };
    await writeRecipe(q, row);
    return id;
  },
  ...more,
});

/** 'METHOD /path' as the document says it → its case. */
export const routeCases: Readonly<Record<string, RouteCase>> = {
  'GET /v1/sources': list('/sources'),
  'GET /v1/sources/{id}': ofSite((t) => `/sources/${t.source}`),
  'GET /v1/sources/{id}/lint': ofSite((t) => `/sources/${t.source}/lint`),
  'POST /v1/sources/{id}/retire': ofSite((t) => `/sources/${t.source}/retire`),
  'DELETE /v1/sources/{id}': ofSite((t) => `/sources/${t.source}`),
  'GET /v1/connectors': free('/connectors'),
  'GET /v1/connectors/{id}': free('/connectors/file'),
  'POST /v1/connectors/{id}/test': free('/connectors/file/test', emptyBody),
  'GET /v1/recipes': free('/recipes'),
  'GET /v1/recipes/starters': free('/recipes/starters'),
  'POST /v1/recipes/preview': ofSite(() => '/recipes/preview', {
    body: (t) => ({ text: smallRecipe('tried'), answer: { run_id: t.run, page: 0 } }),
  }),
  'POST /v1/recipes': free('/recipes', { body: () => ({ text: smallRecipe(`r-${randomUUID().slice(0, 8)}`) }) }),
  'GET /v1/recipes/{id}': ofRecipe('shown'),
  'PUT /v1/recipes/{id}': ofRecipe('replaced', {
    body: () => ({ text: smallRecipe('replaced') }),
    headers: { 'if-match': '*' },
  }),
  'DELETE /v1/recipes/{id}': ofRecipe('deleted'),
  'GET /v1/concepts': list('/concepts'),
  'GET /v1/companies': list('/companies'),
  'GET /v1/sites': list('/sites'),
  'POST /v1/concepts': free('/concepts', { body: () => ({ name: 'x' }) }),
  'DELETE /v1/concepts/{id}': { at: 'concept', path: (t) => `${v1}/concepts/${t.concept}` },
  'POST /v1/companies': {
    at: 'concept',
    path: () => `${v1}/companies`,
    body: (t) => ({ name: 'x', concept_id: t.concept }),
  },
  'DELETE /v1/companies/{id}': { at: 'company', path: (t) => `${v1}/companies/${t.company}` },
  'POST /v1/sites': { at: 'company', path: () => `${v1}/sites`, body: (t) => ({ name: 'x', company_id: t.company }) },
  'PATCH /v1/concepts/{id}': {
    at: 'concept',
    path: (t) => `${v1}/concepts/${t.concept}`,
    body: (t) => ({ name: t.name }),
  },
  'PATCH /v1/companies/{id}': {
    at: 'company',
    path: (t) => `${v1}/companies/${t.company}`,
    body: (t) => ({ name: t.name }),
  },
  'PATCH /v1/sites/{id}': ofSite((t) => `/sites/${t.site}`, { body: (t) => ({ name: t.name }) }),
  'DELETE /v1/sites/{id}': ofSite((t) => `/sites/${t.site}`),
  'GET /v1/configs': list('/configs'),
  'GET /v1/configs/{id}': ofSite((t) => `/configs/${t.config}`),
  'POST /v1/configs': ofSite(() => '/configs', {
    body: (t) => ({ connector_id: 'file', name: 'x', site_id: t.site }),
  }),
  'PATCH /v1/configs/{id}': ofSite((t) => `/configs/${t.config}`, {
    body: () => ({ name: 'renamed' }),
    headers: { 'if-match': '*' },
  }),
  'DELETE /v1/configs/{id}': ofSite((_, made) => `/configs/${made}`, {
    make: further('integration_source_configs', { wand_source_id: null }),
  }),
  'POST /v1/configs/{id}/pause': ofSite((t) => `/configs/${t.config}/pause`, emptyBody),
  'POST /v1/configs/{id}/resume': ofSite((t) => `/configs/${t.config}/resume`),
  'POST /v1/configs/{id}/test': ofSite((t) => `/configs/${t.config}/test`, emptyBody),
  'POST /v1/configs/{id}/import': ofSite((t) => `/configs/${t.config}/import`, { raw: 'id,name\n1,Soup\n' }),
  'GET /v1/configs/{id}/explain': ofSite((t) => `/configs/${t.config}/explain`),
  'POST /v1/configs/{id}/what-if': ofSite((t) => `/configs/${t.config}/what-if`, { body: () => ({ params: {} }) }),
  'GET /v1/configs/{id}/next-times': ofSite((t) => `/configs/${t.config}/next-times`),
  // The sites stand below the company.
  'POST /v1/configs/{id}/list-places': {
    at: 'company',
    path: (t) => `${v1}/configs/${t.config}/list-places`,
    body: (t) => ({ company_id: t.company }),
  },
  'POST /v1/configs/{id}/import-sites': {
    at: 'company',
    path: (t) => `${v1}/configs/${t.config}/import-sites`,
    body: (t) => ({ company_id: t.company }),
  },
  'POST /v1/configs/{id}/runs': ofSite((t) => `/configs/${t.config}/runs`, emptyBody),
  'POST /v1/{level}/{id}/runs': { at: 'company', path: (t) => `${v1}/companies/${t.company}/runs`, ...emptyBody },
  'GET /v1/sources/{id}/modifiers': ofSite((t) => `/sources/${t.source}/modifiers`),
  'GET /v1/items': list('/items'),
  'GET /v1/items/{external_id}': ofSite((t) => `/items/i0?source_id=${t.source}&kind=products`),
  'GET /v1/items/{external_id}/history': ofSite((t) => `/items/i0/history?source_id=${t.source}&kind=products`),
  'GET /v1/runs': list('/runs'),
  'GET /v1/runs/export': list('/runs/export?format=ndjson'),
  'GET /v1/holds': list('/holds'),
  'GET /v1/run-hours': free('/run-hours?since=2026-11-22T00:00:00Z'),
  'GET /v1/runs/{id}': ofSite((t) => `/runs/${t.run}`),
  'GET /v1/runs/{id}/changes': ofSite((t) => `/runs/${t.run}/changes`),
  'GET /v1/runs/{id}/changes/export': ofSite((t) => `/runs/${t.run}/changes/export`),
  'GET /v1/runs/{id}/settings': ofSite((t) => `/runs/${t.run}/settings`),
  'GET /v1/runs/{id}/around': ofSite((t) => `/runs/${t.run}/around`),
  'GET /v1/runs/{id}/rejects': ofSite((t) => `/runs/${t.run}/rejects`),
  'GET /v1/rejects': list('/rejects?state=all'),
  'GET /v1/rejects/rows': list('/rejects/rows?state=all'),
  'GET /v1/rejects/export': list('/rejects/export?state=all'),
  'GET /v1/runs/{id}/duplicates': ofSite((t) => `/runs/${t.run}/duplicates`),
  'GET /v1/runs/{id}/log': ofSite((t) => `/runs/${t.run}/log`),
  'GET /v1/runs/{id}/payloads': ofSite((t) => `/runs/${t.run}/payloads`),
  'GET /v1/runs/{id}/payloads/{page}': ofSite((t) => `/runs/${t.run}/payloads/0?bytes=1`),
  'GET /v1/runs/{id}/events': ofSite((t) => `/runs/${t.run}/events`),
  'GET /v1/events': free('/events'),
  'POST /v1/runs/{id}/approve': ofSite((t) => `/runs/${t.run}/approve`, emptyBody),
  'POST /v1/runs/{id}/discard': ofSite((t) => `/runs/${t.run}/discard`),
  'POST /v1/runs/{id}/cancel': ofSite((t) => `/runs/${t.run}/cancel`),
  'POST /v1/runs/{id}/retry': ofSite((t) => `/runs/${t.run}/retry`, emptyBody),
  'POST /v1/runs/{id}/replay': ofSite((t) => `/runs/${t.run}/replay`, emptyBody),
  'GET /v1/keys': list('/keys'),
  'POST /v1/keys': ofSite(() => '/keys', {
    body: (t) => ({ name: 'x', access: 'read', level: 'site', level_id: t.site }),
  }),
  'POST /v1/keys/{id}/rotate': ofSite((_, made) => `/keys/${made}/rotate`, { make: aKey, ...emptyBody }),
  'DELETE /v1/keys/{id}': ofSite((_, made) => `/keys/${made}`, { make: aKey }),
  'GET /v1/vault': free('/vault'),
  'GET /v1/verify': free('/verify'),
  'GET /v1/system': free('/system'),
  'GET /v1/system/diagnostics': free('/system/diagnostics'),
  'GET /v1/adoption': free('/adoption'),
  'GET /v1/audit': list('/audit'),
  'GET /v1/audit/export': list('/audit/export'),
  'GET /v1/users': free('/users'),
  'POST /v1/users': free('/users', {
    body: () => ({ email: `${randomUUID()}@example.com`, name: 'x', roles: [] }),
  }),
  'GET /v1/users/{id}': ofUser(''),
  'PATCH /v1/users/{id}': ofUser('', { body: () => ({ name: 'x' }) }),
  'DELETE /v1/users/{id}': ofUser(''),
  'PUT /v1/users/{id}/roles': ofUser('/roles', { body: () => ({ roles: [] }) }),
  'POST /v1/users/{id}/link': ofUser('/link'),
  'DELETE /v1/users/{id}/second-factor': ofUser('/second-factor'),
  'DELETE /v1/users/{id}/sessions': ofUser('/sessions'),
};
