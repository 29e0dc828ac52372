// Says which level set what in a config: every setting with where it comes from and what it hides.
import type { Json } from '../../json.ts';
import type { Level, SecretDescription } from '../../records/configs/config.ts';
import { type ConfigWithCredentials, readLevels } from '../../records/configs/read-levels.ts';
import type { Deps } from '../deps.ts';
import { type GuardLimits, guardDefaults } from '../plan/guard.ts';
import { guardLimits } from '../plan/guard-limits.ts';
import { mergeLevels, paramsOf } from './merge-levels.ts';

/** The config that a setting stands in. */
export interface SetBy {
  config_id: string;
  name: string;
  level: Level;
}

export interface ExplainedParam {
  name: string;
  value: Json;
  /** null = nobody sets it: the connector's default. */
  from: SetBy | null;
  /** Part of the identity: it decides the source. */
  is_identity: boolean;
  /** What less specific levels say instead, the nearest first. */
  hides: (SetBy & { value: Json })[];
}

export interface ExplainedSecret extends SecretDescription {
  name: string;
  from: SetBy;
  hides: SetBy[];
}

/** A limit of the guard in force. */
export interface ExplainedLimit {
  name: string;
  value: boolean | number;
  /** What holds where the config says nothing. */
  preset: boolean | number;
}

export interface ConfigExplanation {
  config_id: string;
  name: string;
  connector_id: string;
  level: Level;
  source_id: string | null;
  /** Params that decide the source; null = not known yet. */
  identity: Record<string, string> | null;
  missing: string[];
  /** The configs that were merged, from concept to site; the config itself last. */
  levels: SetBy[];
  params: ExplainedParam[];
  /** What may be shown of those in force; values never leave the vault. */
  secrets: ExplainedSecret[];
  guard: ExplainedLimit[];
}

/** Explains a config; writes nothing. Throws TillsyncError as mergeLevels does. */
export async function explainConfig(
  deps: Pick<Deps, 'database' | 'connectors'>,
  configId: string,
): Promise<ConfigExplanation> {
  return await deps.database.withConnection(async (q) => {
    const merged = await mergeLevels(q, deps, configId);
    const chain = await readLevels(q, configId);
    const { config, connector } = merged;
    const params = Object.entries(merged.params).map(([name, value]): ExplainedParam => {
      const [first = null, ...others] = chain.toReversed().flatMap((level) => {
        const found = paramsOf(connector, level).find(([key]) => key === name);
        return found === undefined ? [] : [{ ...setBy(level), value: found[1] as Json }];
      });
      const from = first === null ? null : { config_id: first.config_id, name: first.name, level: first.level };
      return { name, value: value as Json, from, is_identity: connector.identity.includes(name), hides: others };
    });
    return {
      config_id: config.id,
      name: config.name,
      connector_id: connector.id,
      level: config.level,
      source_id: config.source_id,
      identity: merged.identity === null ? null : { ...merged.identity.identity },
      missing: merged.missing,
      levels: chain.map(setBy),
      params: params.sort((a, b) => (a.name < b.name ? -1 : 1)),
      secrets: secretsOf(chain),
      guard: Object.entries(guardLimits(config.guard)).map(([name, value]) => ({
        name,
        value,
        preset: guardDefaults[name as keyof GuardLimits],
      })),
    };
  });
}

function secretsOf(chain: readonly ConfigWithCredentials[]): ConfigExplanation['secrets'] {
  const names = [...new Set(chain.flatMap(({ credentials }) => Object.keys(credentials)))].sort();
  return names.map((name) => {
    const [from, ...hides] = chain.toReversed().filter(({ credentials }) => Object.hasOwn(credentials, name));
    const { set_at, ends_in } = from!.secrets[name]!;
    return { name, set_at, ends_in, from: setBy(from!), hides: hides.map(setBy) };
  });
}

function setBy({ id, name, level }: ConfigWithCredentials): SetBy {
  return { config_id: id, name, level };
}
