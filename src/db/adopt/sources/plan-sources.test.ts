// Proves which source each legacy config and its rows come to belong to, without a database.
import { expect, it } from 'vitest';
import { inputError } from '../../../errors.ts';
import type { Identify } from '../adoption.ts';
import { fillTemplate, type LegacyRow, readLegacyConfig } from './legacy-config.ts';
import { planSources } from './plan-sources.ts';
import type { LegacySource, LegacyWorld } from './read-candidates.ts';

const identify: Identify = (connectorId, params) => {
  if (typeof params.account !== 'string') return null;
  const identity = { account: params.account };
  return { origin: 'https://pos.test', identity, key: `${connectorId} ${params.account}` };
};

function world(of: Partial<Omit<LegacyWorld, 'configs'>> & { configs: LegacyRow[] }): LegacyWorld {
  const source = (id: string): LegacySource => ({
    id,
    name: `vendor ${id}`,
    connectorId: 'pos',
    template: null,
    present: true,
  });
  return {
    sources: [source('s1'), source('s2')],
    counts: [],
    hierarchy: { companyOfSite: new Map([['5', '50']]), conceptOfCompany: new Map([['50', '500']]) },
    identify,
    ...of,
    configs: of.configs.map(readLegacyConfig),
  };
}

const config = (id: string, account: string | null, more: LegacyRow = {}): LegacyRow => ({
  id,
  config_name: id,
  wand_source_id: 's1',
  application_level: 'site',
  config_params: account === null ? {} : { account },
  ...more,
});

it('one identity takes the legacy row and its id, however many configs share it', () => {
  const plan = planSources(world({ configs: [config('a', 'x'), config('b', 'x', { is_active: false })] }));
  expect(plan.sources.map(({ id, outcome, isNew }) => [id, outcome, isNew])).toEqual([
    ['s1', 'kept', false],
    ['s2', 'unused', false],
  ]);
  expect(plan.targets).toEqual({ a: 's1', b: 's1' });
  expect(plan.warnings).toEqual([]);
});

it('the config with most rows keeps the id; equal numbers are settled the same way each time', () => {
  const counts = [
    { configId: 'a', sourceId: 's1', rows: 3 },
    { configId: 'b', sourceId: 's1', rows: 7 },
  ];
  const plan = planSources(world({ configs: [config('a', 'x'), config('b', 'y')], counts }));
  expect(plan.targets.b).toBe('s1');
  expect(plan.sources.find(({ isNew }) => isNew)).toMatchObject({
    id: plan.targets.a,
    outcome: 'split',
    split_from: 's1',
    copyOf: 's1',
  });
  const tie = [config('b', 'y'), config('a', 'x')];
  for (const configs of [tie, tie.toReversed()]) expect(planSources(world({ configs })).targets.a).toBe('s1');
});

it('one identity under two vendor rows becomes one source, the one with more rows', () => {
  const counts = [
    { configId: 'a', sourceId: 's1', rows: 3 },
    { configId: 'b', sourceId: 's2', rows: 7 },
  ];
  const plan = planSources(world({ configs: [config('a', 'x'), config('b', 'x', { wand_source_id: 's2' })], counts }));
  expect(plan.targets).toEqual({ a: 's2', b: 's2' });
  expect(plan.sources.filter(({ found }) => found !== null).map(({ id }) => id)).toEqual(['s2']);
  expect(plan.configs.map(({ id, isActive }) => [id, isActive])).toEqual([
    ['a', false],
    ['b', true],
  ]);
});

it('rows of a config without identity are never mixed into a known one', () => {
  const counts = [
    { configId: 'a', sourceId: 's1', rows: 3 },
    { configId: 'b', sourceId: 's1', rows: 7 },
  ];
  const plan = planSources(world({ configs: [config('a', 'x'), config('b', null)], counts }));
  expect(plan.targets.b).toBe('s1');
  expect(plan.targets.a).not.toBe('s1');
  expect(plan.sources.find(({ id }) => id === 's1')).toMatchObject({ identity: null, outcome: 'unknown' });
  expect(plan.configs.find(({ id }) => id === 'b')?.sourceId).toBe('s1');
});

it('a site inherits from its company and concept through the hierarchy; the most specific wins and blank means inherited', () => {
  const levels = [
    config('concept', 'top', {
      application_level: 'concept',
      concept_id: 500,
      config_params: { region: 'eu', kept: 1 },
    }),
    config('company', null, { application_level: 'company', company_id: 50, config_params: { region: 'us' } }),
    config('site', '', { site_id: 5, config_params: { account: 'x', region: '' } }),
  ];
  const seen: unknown[] = [];
  planSources(
    world({
      configs: levels,
      identify: (connectorId, params) => {
        seen.push(params);
        return identify(connectorId, params);
      },
    }),
  );
  expect(seen.at(-1)).toEqual({ account: 'x', region: 'us', kept: 1 });
});

it('params that the connector refuses leave the identity open, with its words as a warning', () => {
  const refuse: Identify = () => {
    throw inputError('param_invalid', 'The base URL is broken.', 'Correct it.');
  };
  const plan = planSources(world({ configs: [config('a', 'x')], identify: refuse }));
  expect(plan.warnings).toContain('config a (a): The base URL is broken.');
  expect(plan.sources[0]).toMatchObject({ id: 's1', outcome: 'unknown', identity: null });
});

it('a template is filled as far as the params go', () => {
  expect(fillTemplate('https://{host}/x?id={id}&b={brand}', { host: 'h', id: 7 })).toBe('https://h/x?id=7&b={brand}');
});
