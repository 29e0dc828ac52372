// Concepts, companies and sites: levels that merge, sources made on demand, and what may be removed, on the database and through a server.
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { createKey } from '../src/access/create-key.ts';
import { type Server, startServer } from '../src/api/start-server.ts';
import type { Backend } from '../src/cli/backend/backend.ts';
import { localBackend } from '../src/cli/backend/local-backend.ts';
import { remoteBackend } from '../src/cli/backend/remote-backend.ts';
import type { Connector, PosLocation } from '../src/connectors/connector.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { connector as qu } from '../src/connectors/qu/index.ts';
import { type ApiClient, openApiClient } from '../src/net/api-client.ts';
import { getConfig, listConfigs } from '../src/records/configs/read-configs.ts';
import { listHierarchy } from '../src/records/hierarchy/read-hierarchy.ts';
import { readSiteLocations } from '../src/records/hierarchy/write-hierarchy.ts';
import type { Run } from '../src/records/runs/run.ts';
import { listSources } from '../src/records/sources/read-sources.ts';
import { removeConfig } from '../src/sync/configs/remove-config.ts';
import { whatIf } from '../src/sync/configs/what-if.ts';
import type { Deps } from '../src/sync/deps.ts';
import { addNode, removeNode } from '../src/sync/hierarchy/change-hierarchy.ts';
import { importSites } from '../src/sync/hierarchy/import-sites.ts';
import { deleteSource, retireSource } from '../src/sync/hierarchy/retire-source.ts';
import { addConfig, setConfig } from '../src/sync/set-config.ts';
import { openEngine, syncNow } from './support/engine.ts';
import { openWorker } from './support/open-worker.ts';
import { openCli } from './support/run-cli.ts';

let deps: Deps & { url: string };
let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu({ products: 6, modifiers: 4, discounts: 2, repeated: 0 });
});
afterAll(() => pos.stop());

/** One concept with a company of two sites: brand and address stand at the concept, establishments at the sites. */
async function openHouse() {
  const concept = await addNode(deps, 'concept', { name: 'Acme', above: null });
  const company = await addNode(deps, 'company', { name: 'Acme East', above: concept.id });
  const defaults = await addConfig(deps, {
    connectorId: 'qu',
    name: 'All of Acme',
    conceptId: concept.id,
    params: { brand: 'acme', base_url: pos.url, currency: 'USD' },
    secrets: { api_key: 'k-1' },
  });
  const sites = [];
  for (const establishment of ['1', '2']) {
    const site = await addNode(deps, 'site', { name: `Site ${establishment}`, above: company.id });
    const config = await addConfig(deps, {
      connectorId: 'qu',
      name: `Site ${establishment}`,
      siteId: site.id,
      params: { establishment },
      secrets: {},
    });
    sites.push({ site, config });
  }
  return { concept, company, defaults, sites };
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: { code: string; message: string }) => error,
  );

describe('levels', () => {
  beforeEach(async () => {
    deps = await openEngine();
  });

  it('stay while something hangs below them, and say what', async () => {
    const { concept, company, sites, defaults } = await openHouse();
    const [one, two] = [sites[0]!, sites[1]!];
    expect(await refusal(removeNode(deps, 'concept', concept.id))).toMatchObject({
      code: 'hierarchy_in_use',
      message: `The concept "Acme" (${concept.id}) still has 1 company: "Acme East" (${company.id}); 1 config: "All of Acme" (${defaults.id}).`,
    });
    expect((await refusal(removeNode(deps, 'company', company.id)))?.message).toContain('still has 2 sites: "Site 1"');
    expect((await refusal(removeNode(deps, 'site', one.site.id)))?.message).toContain('1 config: "Site 1"');
    for (const { config, site } of [one, two]) {
      await removeConfig(deps, { configId: config.id, requestedBy: 'test' });
      await removeNode(deps, 'site', site.id);
    }
    await removeNode(deps, 'company', company.id);
    await removeConfig(deps, { configId: defaults.id, requestedBy: 'test' });
    expect(await removeNode(deps, 'concept', concept.id)).toMatchObject({ name: 'Acme' });
    expect((await refusal(removeNode(deps, 'concept', concept.id)))?.code).toBe('hierarchy_unknown');
    expect((await refusal(addNode(deps, 'site', { name: 'x', above: company.id })))?.code).toBe('hierarchy_unknown');
    expect((await refusal(addNode(deps, 'site', { name: ' ', above: null })))?.code).toBe('hierarchy_name_invalid');
  });

  it('keep source and rows when a config is removed; one that those below live on cannot go', async () => {
    const { defaults, sites } = await openHouse();
    const { config } = sites[0]!;
    const run = await syncNow(deps, config.id);
    expect(run.status).toBe('success');
    expect(await refusal(removeConfig(deps, { configId: defaults.id, requestedBy: 'test' }))).toMatchObject({
      code: 'identity_change_needs_choice',
    });
    expect(await getConfig(deps.database, defaults.id)).not.toBeNull();
    await removeConfig(deps, { configId: config.id, requestedBy: 'test' });
    const [source] = await listSources(deps.database, { id: config.source_id ?? '' });
    expect(source).toMatchObject({ configs: [], items: { products: { live: 6, removed: 0 } } });
    // The same identity again finds its source and rows.
    const again = await addConfig(deps, {
      connectorId: 'qu',
      name: 'again',
      siteId: sites[0]!.site.id,
      params: { establishment: '1' },
      secrets: {},
    });
    expect(again.source_id).toBe(config.source_id);
  });

  it('are tried without writing: another catalog, what becomes runnable or not, and what would be refused', async () => {
    const { defaults, sites } = await openHouse();
    const before = JSON.stringify([await listConfigs(deps.database), await listSources(deps.database)]);
    const moved = await whatIf(deps, { configId: defaults.id, params: { brand: 'other' } });
    expect(moved.effects).toMatchObject([
      { config_id: defaults.id, changes_identity: false, changes_runnable: false },
      {
        name: 'Site 1',
        changes_identity: true,
        changes_runnable: false,
        before: { identity: { brand: 'acme', establishment: '1' }, source_id: sites[0]!.config.source_id },
        after: { identity: { brand: 'other', establishment: '1' }, source_id: null },
        conflict: null,
      },
      { name: 'Site 2', changes_identity: true },
    ]);
    const gone = await whatIf(deps, { configId: defaults.id, params: { brand: null } });
    expect(gone.effects.slice(1)).toMatchObject([
      { changes_runnable: true, after: { runnable: false, missing: ['brand'], identity: null } },
      { changes_runnable: true },
    ]);
    const taken = await whatIf(deps, { configId: sites[1]!.config.id, params: { establishment: '1' } });
    expect(taken.effects).toMatchObject([
      {
        after: { source_id: sites[0]!.config.source_id },
        conflict: { config_id: sites[0]!.config.id, name: 'Site 1' },
      },
    ]);
    // The concept's config would become a catalog of its own, and no default for the sites any more.
    const own = await whatIf(deps, { configId: defaults.id, params: { establishment: '9' } });
    expect(own.effects).toMatchObject([
      { changes_runnable: true, after: { runnable: true } },
      { changes_runnable: true, after: { runnable: false } },
      { changes_runnable: true, after: { runnable: false } },
    ]);
    expect((await refusal(whatIf(deps, { configId: defaults.id, params: { colour: 'x' } })))?.code).toBe(
      'param_unknown',
    );
    expect(JSON.stringify([await listConfigs(deps.database), await listSources(deps.database)])).toBe(before);
  });

  it('a source that a config reads is neither retired nor deleted; a retired one comes back with its rows', async () => {
    const { sites } = await openHouse();
    const { config } = sites[0]!;
    const of = { sourceId: config.source_id ?? '', requestedBy: 'test' };
    await syncNow(deps, config.id);
    for (const takeOut of [retireSource, deleteSource]) {
      expect(await refusal(takeOut(deps, of))).toMatchObject({ code: 'source_in_use' });
    }
    await setConfig(deps, { configId: config.id, isActive: false });
    expect(await retireSource(deps, of)).toMatchObject({ items: { products: 6, modifiers: 4, discounts: 2 } });
    expect((await listSources(deps.database, { id: of.sourceId }))[0]).toMatchObject({
      retired_at: expect.any(String),
      items: { products: { live: 0, removed: 6 } },
    });
    await setConfig(deps, { configId: config.id, isActive: true });
    const back = await syncNow(deps, config.id);
    expect(back).toMatchObject({ status: 'success', counts: { products: { restored: 6 } } });
    await setConfig(deps, { configId: config.id, isActive: false });
    await deleteSource(deps, of);
    expect(await listSources(deps.database, { id: of.sourceId })).toEqual([]);
    expect(await getConfig(deps.database, config.id)).toMatchObject({ source_id: null });
    // Switched on again it gets a source of its own.
    expect((await setConfig(deps, { configId: config.id, isActive: true })).source_id).not.toBeNull();
  });

  it('sites are imported from the places of the account, with configs that inherit, and again without doubles', async () => {
    const { company, concept, defaults, sites } = await openHouse();
    const place = (id: string): PosLocation => ({
      id: `loc-${id}`,
      name: `Place ${id}`,
      address: null,
      timeZone: null,
      currency: null,
      params: { establishment: id },
    });
    let places = [place('7'), place('8')];
    const listing: Connector = {
      ...qu,
      async *listLocations() {
        yield* places;
      },
    };
    expect(concept.id).toBe(defaults.concept_id);
    const signal = new AbortController().signal;
    const request = { configId: defaults.id, companyId: company.id, withConfigs: true, signal };
    const { listLocations: _, ...silent } = qu;
    const unable = { ...deps, connectors: new Map([[qu.id, silent]]) };
    expect((await refusal(importSites(unable, request)))?.code).toBe('locations_not_listed');
    const able = { ...deps, connectors: new Map([[qu.id, listing]]) };
    const first = await importSites(able, request);
    expect(first).toMatchObject([
      { location_id: 'loc-7', outcome: 'added', missing: [] },
      { location_id: 'loc-8', outcome: 'added', missing: [] },
    ]);
    expect(await getConfig(deps.database, first[0]?.config_id ?? '')).toMatchObject({
      level: 'site',
      site_id: first[0]?.site_id,
      source_id: expect.any(String),
    });
    // What cannot be added leaves no site behind.
    places = [...places, { ...place('9'), params: { establishment: '7' } }];
    const second = await importSites(able, request);
    expect(second.map(({ outcome }) => outcome)).toEqual(['known', 'known', 'failed']);
    expect(second[2]?.error).toContain('already reads this catalog');
    expect((await listHierarchy(deps.database, 'site', { above: company.id })).data).toHaveLength(4);
    // A source of several locations: two of one name are two sites, each once, and a site added by hand is taken.
    const twin = { name: 'Site 2', params: {} };
    places = [
      { ...place('10'), ...twin },
      { ...place('11'), ...twin },
    ];
    const { id: configId, source_id } = sites[0]!.config;
    const shared = { ...request, configId, withConfigs: false };
    const located = await importSites(able, shared);
    expect(located).toMatchObject([{ outcome: 'known', site_id: sites[1]!.site.id }, { outcome: 'added' }]);
    const again = await importSites(able, shared);
    expect(again.map(({ outcome, site_id }) => [outcome, site_id])).toEqual(
      located.map(({ site_id }) => ['known', site_id]),
    );
    expect(await readSiteLocations(deps.database, source_id ?? '')).toEqual(
      new Map(located.map(({ location_id, site_id }) => [location_id, site_id])),
    );
  });
});

describe('the command', () => {
  let server: Server;
  let client: ApiClient;
  let apiKey: string;
  beforeAll(async () => {
    deps = await openEngine();
    await openWorker(deps);
    apiKey = (await createKey(deps.database, { name: 'laptop', createdBy: 'test', access: 'admin' })).key;
    server = await startServer({ deps, config: { adminKey: null, corsOrigins: [] } }, { host: '127.0.0.1', port: 0 });
    client = await openApiClient({ url: server.url, apiKey });
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  test('answers the same about levels through a server as on the database', async () => {
    const { concept, company, defaults, sites } = await openHouse();
    const both: Backend[] = [localBackend({ database: deps.database, deps }), remoteBackend(client)];
    const same = async (ask: (backend: Backend) => Promise<unknown>) => {
      const [here, there] = await Promise.all(
        both.map((backend) =>
          ask(backend).catch(({ code, message }: { code: string; message: string }) => [code, message]),
        ),
      );
      expect(there).toEqual(here);
      return here;
    };
    for (const level of ['concept', 'company', 'site'] as const) await same((backend) => backend.listNodes(level));
    const explained = await same((backend) => backend.explainConfig('Site 1'));
    expect(explained).toMatchObject({
      levels: [
        { level: 'concept', name: 'All of Acme' },
        { level: 'site', name: 'Site 1' },
      ],
      identity: { brand: 'acme', establishment: '1' },
      secrets: [{ name: 'api_key', from: { level: 'concept' }, hides: [] }],
    });
    const { params } = explained as Awaited<ReturnType<Backend['explainConfig']>>;
    expect(params.find(({ name }) => name === 'brand')).toMatchObject({
      from: { name: 'All of Acme' },
      is_identity: true,
    });
    expect(JSON.stringify(explained)).not.toContain('k-1');
    const change = { set: ['brand=17'], unset: { currency: null } };
    await same((backend) => backend.whatIf('All of Acme', change));
    expect(await same((backend) => backend.removeNode('company', company.id))).toEqual([
      'hierarchy_in_use',
      expect.stringContaining('still has 2 sites'),
    ]);
    expect(await same((backend) => backend.changeNode('company', { id: company.id, above: null }))).toEqual([
      'hierarchy_in_use',
      expect.stringContaining('still has 2 configs'),
    ]);
    await same((backend) => backend.changeNode('concept', { id: 999, name: 'x' }));
    await same((backend) => backend.removeNode('site', 999));
    await same((backend) => backend.retireSource(sites[0]!.config.source_id ?? ''));
    for (const backend of both) {
      const node = await backend.addNode('site', { name: 'Pop-up', above: company.id });
      expect(node).toMatchObject({ name: 'Pop-up', company_id: company.id });
      const renamed = await backend.changeNode('site', { id: node.id, name: 'Pop-up II', above: null });
      expect(renamed).toEqual({ ...node, name: 'Pop-up II', company_id: null });
      expect(await backend.removeNode('site', node.id)).toEqual(renamed);
      const spare = await addConfig(deps, { connectorId: 'qu', name: 'spare', params: {}, secrets: {} });
      expect(await backend.removeConfig('spare')).toMatchObject({ id: spare.id });
    }
    expect(defaults.concept_id).toBe(concept.id);
  });

  test('syncs a company through a server: one parent with a child per site, and prints what was asked', async () => {
    const { company } = await openHouse2();
    const remote = openCli({ TILLSYNC_SERVER: server.url, TILLSYNC_API_KEY: apiKey });
    const [synced, added, explained, tried, undeleted] = await Promise.all([
      remote.json<Run>(['sync', '--company', String(company.id), '--wait']),
      remote.run(['concepts', 'add', 'Beta']),
      remote.run(['configs', 'explain', 'Branch 3']),
      remote.run(['configs', 'what-if', 'All of Gamma', '--set', 'brand=delta']),
      remote.run(['sources', 'delete', (await listSources(deps.database))[0]?.id ?? '']),
    ]);
    expect(synced).toMatchObject({ code: 0, answer: { status: 'success', source_id: null } });
    const children = await deps.database.query('select from integration_sync_history where parent_id = $1', [
      synced.answer.id,
    ]);
    expect(children.rowCount).toBe(2);
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Added the concept "Beta" with the id \d+\.\n$/),
    });
    expect(explained.stdout).toMatch(/brand \* +gamma +concept "All of Gamma"/);
    expect(tried.stdout).toMatch(/Branch 3 +site +gamma 3 +delta 3 +another catalog: a new source/);
    expect(undeleted).toMatchObject({ code: 2, stderr: expect.stringContaining('Say --yes') });
  });
});

/** Another house beside the first. */
async function openHouse2() {
  const concept = await addNode(deps, 'concept', { name: 'Gamma', above: null });
  const company = await addNode(deps, 'company', { name: 'Gamma West', above: concept.id });
  await addConfig(deps, {
    connectorId: 'qu',
    name: 'All of Gamma',
    conceptId: concept.id,
    params: { brand: 'gamma', base_url: pos.url },
    secrets: {},
  });
  for (const establishment of ['3', '4']) {
    const site = await addNode(deps, 'site', { name: `Branch ${establishment}`, above: company.id });
    const add = { connectorId: 'qu', name: `Branch ${establishment}`, siteId: site.id, secrets: {} };
    await addConfig(deps, { ...add, params: { establishment } });
  }
  return { concept, company };
}
