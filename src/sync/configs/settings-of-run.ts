// What a run keeps of the settings that it used: merged params with who set them, names of secrets, and the guard's limits.
import { isRawNumber, type Json } from '../../json.ts';
import type { RunSettings } from '../../records/runs/detail/run-settings.ts';
import type { Vault } from '../../vault/open-vault.ts';
import { guardLimits } from '../plan/guard-limits.ts';
import type { ResolvedConfig } from '../resolve-config.ts';

/** The record of a resolved config; no text of it holds a secret that this process knows. */
export function settingsOfRun(resolved: ResolvedConfig, { redact }: Pick<Vault, 'redact'>): RunSettings {
  const { config, connector, params, secrets, setAt } = resolved;
  const used = Object.entries(params).map(([name, value]) => {
    const from = setAt.get(name);
    return {
      name,
      value: clean(value as Json, redact),
      level: from?.level ?? null,
      set_by: from === undefined ? null : redact(from.setBy),
    };
  });
  return {
    connector: { id: connector.id, version: connector.version },
    config: { id: config.id, name: redact(config.name), level: config.level },
    params: used.sort((a, b) => (a.name < b.name ? -1 : 1)),
    secrets: Object.keys(secrets).sort(),
    guard: { ...guardLimits(config.guard) },
  };
}

// PostgreSQL's jsonb knows no NUL.
function clean(value: Json, redact: (text: string) => string): Json {
  if (typeof value === 'string') return redact(value).replaceAll('\0', '\ufffd');
  if (value === null || typeof value !== 'object') return value;
  if (isRawNumber(value)) return value.rawJSON;
  if (Array.isArray(value)) return value.map((each) => clean(each, redact));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [redact(name).replaceAll('\0', '\ufffd'), clean(each, redact)]),
  );
}
