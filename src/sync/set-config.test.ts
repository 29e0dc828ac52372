// Setting configs against a real database: levels, identity, secrets, and every refusal by name.
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { freshDatabase } from '../../test/support/database.ts';
import type { Connector } from '../connectors/connector.ts';
import type { Database } from '../db/database.ts';
import { inputError } from '../errors.ts';
import { getConfig } from '../records/configs/read-configs.ts';
import { getSource, listSources } from '../records/sources/read-sources.ts';
import { openVault } from '../vault/open-vault.ts';
import { resolveConfig } from './resolve-config.ts';
import { addConfig, type ConfigToAdd, setConfig } from './set-config.ts';

const toy: Connector = {
  id: 'toy',
  title: 'Toy POS',
  version: 1,
  settings: z.strictObject({
    brand: z.union([z.string(), z.number()]).transform(String),
    establishment: z.union([z.string(), z.number()]).transform(String),
    base_url: z.string(),
    pages: z.number().int().default(1),
    auth: z.enum(['none', 'bearer']).default('none'),
  }),
  identity: ['brand', 'establishment'],
  secretFields: ['token', 'api_key'],
  requiredSecrets: (params) => (params.auth === 'bearer' ? ['token'] : []),
  origin(params) {
    const url = URL.parse(String(params.base_url));
    if (url === null) throw inputError('base_url_invalid', 'The base_url is not usable.', 'Set another.');
    return url.origin;
  },
  volatileFields: [],
  removal: 'absence',
  fetch: () => nothing(),
  format: () => nothing(),
  formatDocument: () => nothing(),
};

function nothing(): never {
  throw new Error('a config is set without asking the POS');
}

const complete = { brand: 'acme', establishment: '17', base_url: 'https://pos.example/api' };
const vault = openVault({ active: randomBytes(32).toString('base64') });
let database: Database;
let deps: { database: Database; vault: typeof vault; connectors: ReadonlyMap<string, Connector> };

const add = (change: Partial<ConfigToAdd> = {}) =>
  addConfig(deps, { connectorId: 'toy', name: 'Toy', params: complete, secrets: {}, ...change });

beforeEach(async () => {
  ({ database } = await freshDatabase());
  deps = { database, vault, connectors: new Map([['toy', toy]]) };
});

describe('a config that is added', () => {
  it('resolves to a source of its own, named by its identity', async () => {
    const config = await add();
    expect(config).toMatchObject({ name: 'Toy', level: 'site', params: complete, missing: [], is_active: true });
    const source = await getSource(database, config.source_id ?? '');
    expect(source).toMatchObject({
      name: 'Toy POS acme 17',
      connector_id: 'toy',
      origin: 'https://pos.example',
      identity: { brand: 'acme', establishment: '17' },
    });
    expect(await resolveConfig(deps, config.id)).toMatchObject({
      sourceId: config.source_id,
      params: { ...complete, pages: 1, auth: 'none' },
      missing: [],
      secrets: {},
    });
  });

  it('says what is missing and has no source where it is not runnable', async () => {
    const config = await add({ params: { brand: 'acme' } });
    expect(config.source_id).toBeNull();
    expect(config.missing.toSorted()).toEqual(['base_url', 'establishment']);
    expect(await listSources(database)).toEqual([]);
    expect(await resolveConfig(deps, config.id)).toMatchObject({ sourceId: null, identity: null });
  });

  it('gives up what is stored and what its connector knows, and refuses other names', async () => {
    const config = await add();
    await database.query(`update integration_source_configs set config_params = config_params || '{"old": 1}'`);
    const params = { old: null, auth: null };
    expect((await setConfig(deps, { configId: config.id, params })).params).toEqual(complete);
    const again = setConfig(deps, { configId: config.id, params: { old: null } });
    await expect(again).rejects.toMatchObject({ code: 'param_unknown', message: expect.stringContaining('"old"') });
    const secret = setConfig(deps, { configId: config.id, secrets: { pin: null } });
    await expect(secret).rejects.toMatchObject({ code: 'secret_unknown', message: expect.stringContaining('"pin"') });
  });

  it('says which secret its way of authentication still needs', async () => {
    const config = await add({ params: { ...complete, auth: 'bearer' } });
    expect(config.missing).toEqual(['token']);
    const set = await setConfig(deps, { configId: config.id, secrets: { token: 's3cret' } });
    expect(set.missing).toEqual([]);
  });

  it('S15: keeps its secrets only encrypted, and shows when they were set and how they end', async () => {
    const config = await add({ secrets: { token: 'canary-s3cret' } });
    expect(config.secrets).toEqual({ token: { set_at: expect.any(String), ends_in: 'cret' } });
    expect(JSON.stringify(config)).not.toContain('canary');
    const { rows } = await database.query<{ row: string; text: string }>(
      `select to_jsonb(c)::text as row, credentials_encrypted ->> 'token' as text from integration_source_configs c`,
    );
    expect(rows[0]?.row).not.toContain('canary');
    expect(rows[0]?.text).toMatch(/^v1\./);
    expect((await resolveConfig(deps, config.id)).secrets).toEqual({ token: 'canary-s3cret' });
  });

  it.each([
    {
      what: 'a param that the connector does not have',
      change: { params: { ...complete, stroe: '1' } },
      code: 'param_unknown',
      named: '"stroe"',
    },
    {
      what: 'a secret among the params',
      change: { params: { ...complete, token: 'x' } },
      code: 'param_is_secret',
      named: '"token"',
    },
    {
      what: 'a param of the wrong type',
      change: { params: { ...complete, pages: 'many' } },
      code: 'param_invalid',
      named: '"pages"',
    },
    {
      what: 'a base URL that is none',
      change: { params: { ...complete, base_url: 'pos' } },
      code: 'base_url_invalid',
      named: 'base_url',
    },
    {
      what: 'a secret that the connector does not have',
      change: { secrets: { pin: '1' } },
      code: 'secret_unknown',
      named: '"pin"',
    },
    { what: 'an empty secret', change: { secrets: { token: '' } }, code: 'secret_empty', named: '"token"' },
    { what: 'an unknown connector', change: { connectorId: 'nopos' }, code: 'connector_unknown', named: '"nopos"' },
    { what: 'an empty name', change: { name: ' ' }, code: 'config_name_invalid', named: 'name' },
    {
      what: 'a limit that the guard does not have',
      change: { guard: { cats: 1 } },
      code: 'guard_invalid',
      named: 'cats',
    },
    {
      what: 'a level without its id',
      change: { level: 'company' as const },
      code: 'config_level_invalid',
      named: 'company',
    },
    {
      what: 'a param named like a prototype',
      change: { params: JSON.parse('{"__proto__":{"a":1}}') },
      code: 'param_unknown',
      named: '__proto__',
    },
  ])('refuses $what by name and stores nothing', async ({ change, code, named }) => {
    await expect(add(change)).rejects.toMatchObject({ code, message: expect.stringContaining(named), exitCode: 2 });
    const { rows } = await database.query('select from integration_source_configs');
    expect(rows).toEqual([]);
  });

  it('is refused where another active config reads the same catalog, and names it', async () => {
    const first = await add({ name: 'First' });
    await expect(add({ name: 'Second', params: { ...complete, establishment: 17 } })).rejects.toMatchObject({
      code: 'source_has_active_config',
      message: expect.stringMatching(/"First"/),
      facts: { config_id: first.id },
    });
    await setConfig(deps, { configId: first.id, isActive: false });
    const second = await add({ name: 'Second' });
    expect(second.source_id).toBe(first.source_id);
    await expect(setConfig(deps, { configId: first.id, isActive: true })).rejects.toMatchObject({
      code: 'source_has_active_config',
      message: expect.stringMatching(/"Second"/),
    });
  });

  it('is the only one of two that are added for one catalog at once', async () => {
    const results = await Promise.allSettled([add({ name: 'A' }), add({ name: 'B' }), add({ name: 'C' })]);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(refused).toEqual(['source_has_active_config', 'source_has_active_config']);
    expect(await listSources(database)).toHaveLength(1);
  });

  it('with the same ids at another origin, or another establishment, gets another source', async () => {
    const sources = [
      (await add()).source_id,
      (await add({ params: { ...complete, establishment: '18' } })).source_id,
      (await add({ params: { ...complete, base_url: 'https://other.example' } })).source_id,
    ];
    expect(new Set(sources).size).toBe(3);
  });
});

describe('levels', () => {
  beforeEach(async () => {
    await database.query(`insert into companies (id, concept_id, name) values (20, 10, 'Company')`);
    await database.query(`insert into stores (id, company_id, name) values (30, 20, 'Site'), (31, 20, 'Other site')`);
  });

  it('merge from concept over company to site, the most specific wins, params and secrets alike', async () => {
    await add({
      name: 'Concept',
      conceptId: 10,
      params: { base_url: 'https://pos.example', brand: 'acme', pages: 2 },
      secrets: { token: 'of the concept', api_key: 'of the concept' },
    });
    await add({ name: 'Company', companyId: 20, params: { pages: 3 }, secrets: { token: 'of the company' } });
    const site = await add({ name: 'Site', siteId: 30, params: { establishment: '30', pages: 4 } });
    const other = await add({ name: 'Other', siteId: 31, params: { establishment: '31' } });
    const secrets = { token: 'of the company', api_key: 'of the concept' };
    expect(await resolveConfig(deps, site.id)).toMatchObject({
      params: { base_url: 'https://pos.example', brand: 'acme', establishment: '30', pages: 4 },
      secrets,
    });
    expect(await resolveConfig(deps, other.id)).toMatchObject({ params: { establishment: '31', pages: 3 }, secrets });
    expect(site.source_id).not.toBe(other.source_id);
  });

  it('a runnable config, an inactive one and one of another company are no defaults', async () => {
    await add({ name: 'Runnable', companyId: 20, params: { ...complete, pages: 7 } });
    await add({ name: 'Elsewhere', companyId: 21, params: { pages: 8 } });
    const off = await add({ name: 'Off', companyId: 20, params: { pages: 9 } });
    await setConfig(deps, { configId: off.id, isActive: false });
    const site = await add({ name: 'Site', siteId: 30, params: { ...complete, establishment: '30' } });
    expect((await resolveConfig(deps, site.id)).params.pages).toBe(1);
  });

  it('two defaults of one level that disagree are refused by name', async () => {
    await add({ name: 'One', companyId: 20, params: { pages: 2 } });
    await add({ name: 'Two', companyId: 20, params: { pages: 3 } });
    await expect(add({ siteId: 30, params: { ...complete } })).rejects.toMatchObject({
      code: 'defaults_ambiguous',
      message: expect.stringMatching(/"One".*"Two".*"pages"/),
    });
    const site = await add({ siteId: 30, params: { ...complete, pages: 4 } });
    expect(site.missing).toEqual([]);
  });

  it('a default that completes the configs below gives them their sources at once', async () => {
    const site = await add({ siteId: 30, params: { brand: 'acme', establishment: '30' } });
    expect(site).toMatchObject({ source_id: null, missing: ['base_url'] });
    await add({ name: 'Concept', conceptId: 10, params: { base_url: 'https://pos.example' } });
    expect((await getConfig(database, site.id))?.source_id).toEqual(expect.any(String));
  });

  it('a default that would change the identity below asks, and moves the sources below when told', async () => {
    const concept = await add({ name: 'Concept', conceptId: 10, params: { base_url: 'https://pos.example' } });
    const site = await add({ name: 'Site', siteId: 30, params: { brand: 'acme', establishment: '30' } });
    const change = { configId: concept.id, params: { base_url: 'https://new.example' } };
    await expect(setConfig(deps, change)).rejects.toMatchObject({
      code: 'identity_change_needs_choice',
      message: expect.stringContaining('"Site"'),
    });
    expect((await getConfig(database, concept.id))?.params).toEqual({ base_url: 'https://pos.example' });
    await setConfig(deps, { ...change, move: true });
    expect((await getConfig(database, site.id))?.source_id).toBe(site.source_id);
    expect((await getSource(database, site.source_id ?? ''))?.origin).toBe('https://new.example');
  });
});

describe('a config that is changed', () => {
  it('merges params, secrets and guard; null takes one away', async () => {
    const { id } = await add({ secrets: { token: 'a', api_key: 'b' }, guard: { enabled: false } });
    const set = await setConfig(deps, {
      configId: id,
      name: 'Renamed',
      params: { pages: 5 },
      secrets: { token: null, api_key: 'c' },
      guard: { enabled: null },
    });
    expect(set).toMatchObject({ name: 'Renamed', params: { ...complete, pages: 5 }, guard: {} });
    expect(set.secrets).toEqual({ api_key: { set_at: expect.any(String), ends_in: null } });
    expect((await resolveConfig(deps, id)).secrets).toEqual({ api_key: 'c' });
    expect((await setConfig(deps, { configId: id, params: { pages: null } })).params).toEqual(complete);
  });

  it('is asked what becomes of the rows when its identity changes, and nothing is changed', async () => {
    const { id, source_id } = await add();
    const asked = setConfig(deps, { configId: id, params: { establishment: '18' } });
    await expect(asked).rejects.toMatchObject({ code: 'identity_change_needs_choice', exitCode: 2 });
    await expect(setConfig(deps, { configId: id, params: { brand: null } })).rejects.toMatchObject({
      code: 'identity_change_needs_choice',
      message: expect.stringContaining('missing: brand'),
    });
    const both = setConfig(deps, { configId: id, params: { establishment: '18' }, move: true, newSource: true });
    await expect(both).rejects.toMatchObject({ code: 'identity_choice_invalid' });
    expect(await getConfig(database, id)).toMatchObject({ source_id, params: complete });
  });

  it('with --move keeps its source under the new identity', async () => {
    const { id, source_id } = await add();
    const moved = await setConfig(deps, { configId: id, params: { establishment: '18' }, move: true });
    expect(moved.source_id).toBe(source_id);
    expect(await getSource(database, source_id ?? '')).toMatchObject({
      name: 'Toy POS acme 18',
      identity: { brand: 'acme', establishment: '18' },
    });
  });

  it('with --move is refused where another source has that identity', async () => {
    const { id } = await add();
    await add({ name: 'Eighteen', params: { ...complete, establishment: '18' } });
    const moving = setConfig(deps, { configId: id, params: { establishment: '18' }, move: true });
    await expect(moving).rejects.toMatchObject({
      code: 'source_identity_taken',
      message: expect.stringContaining('"Toy POS acme 18"'),
    });
  });

  it('with --new-source begins another source and leaves the old one as it is', async () => {
    const { id, source_id } = await add();
    const set = await setConfig(deps, { configId: id, params: { establishment: '18' }, newSource: true });
    expect(set.source_id).not.toBe(source_id);
    expect(await getSource(database, source_id ?? '')).toMatchObject({ identity: { establishment: '17' } });
  });

  it.each(['no uuid', '0199c0de-0000-7000-8000-000000000001'])(
    'is named when it does not exist: %s',
    async (configId) => {
      await expect(setConfig(deps, { configId, name: 'x' })).rejects.toMatchObject({ code: 'config_unknown' });
      if (configId.length === 36) {
        await expect(resolveConfig(deps, configId)).rejects.toMatchObject({ code: 'config_unknown' });
      }
    },
  );
});

describe('an adopted config', () => {
  const adopt = async (identityKey: string | null, params: object) => {
    const { rows } = await database.query<{ id: string; source_id: string }>(
      `with s as (insert into wand_integration_sources (name, integration_type, identity_key) values ('Vendor', 'toy', $1)
                  returning id)
       insert into integration_source_configs (config_name, connector_id, config_params, wand_source_id, legacy_source_id)
       select 'Adopted', 'toy', $2, id, id from s returning id, wand_source_id as source_id`,
      [identityKey, JSON.stringify(params)],
    );
    return rows[0]!;
  };

  it('whose identity is not known keeps its source, and gives it the identity once it is', async () => {
    const { id, source_id } = await adopt(null, { brand: 'acme' });
    expect(await resolveConfig(deps, id)).toMatchObject({ sourceId: source_id, identity: null });
    const set = await setConfig(deps, { configId: id, params: complete });
    expect(set).toMatchObject({ source_id, missing: [] });
    expect(await getSource(database, source_id)).toMatchObject({ name: 'Vendor', identity: { establishment: '17' } });
  });

  it('may carry settings of the original that mean nothing here, and ids of any length', async () => {
    const { rows } = await database.query<{ id: string }>(
      `insert into integration_source_configs (config_name, connector_id, config_params, legacy_source_id)
       values ('Adopted', 'toy', '{"brand":"acme","establishment":12345678901234567890,"base_url":"https://pos.example",
               "sync_images":true}', gen_random_uuid()) returning id`,
    );
    const resolved = await resolveConfig(deps, rows[0]!.id);
    expect(resolved.identity?.identity).toEqual({ brand: 'acme', establishment: '12345678901234567890' });
    expect(resolved.params).not.toHaveProperty('sync_images');
    expect((await getConfig(database, rows[0]!.id))?.source_id).toBe(resolved.sourceId);
  });

  it('whose stored identity no longer fits its source stops a run instead of mixing two catalogs', async () => {
    const { id } = await adopt('another identity', complete);
    await expect(resolveConfig(deps, id)).rejects.toMatchObject({ code: 'identity_change_needs_choice' });
  });
});
