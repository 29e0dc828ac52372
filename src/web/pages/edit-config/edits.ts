// What somebody changed in the settings of a config and did not save yet, and what it means as a change of the API. Pure.
import type { ShownConfig } from '../../api-types.ts';
import { paramsOf, type SettingField, textOf } from '../connect/fields-of.ts';

/** As typed; null = the own value is taken away, what is not named stays. */
export interface Edits {
  name?: string;
  isActive?: boolean;
  params: Readonly<Record<string, string | null>>;
  secrets: Readonly<Record<string, string | null>>;
  guard: Readonly<Record<string, string | null>>;
}

export const noEdits: Edits = { params: {}, secrets: {}, guard: {} };

export type EditGroup = 'params' | 'secrets' | 'guard';

/** The edits with one more; undefined = as it is stored. */
export function withEdit(edits: Edits, group: EditGroup, [name, value]: [string, string | null | undefined]): Edits {
  const { [name]: _, ...others } = edits[group];
  return { ...edits, [group]: value === undefined ? others : { ...others, [name]: value } };
}

/** The body of a PATCH, as far as it changes something. */
export interface Patch {
  name?: string;
  is_active?: boolean;
  params?: Record<string, unknown>;
  secrets?: Record<string, string | null>;
  guard?: Record<string, unknown>;
}

/** What would be sent. */
export function patchOf(config: ShownConfig, edits: Edits, fields: readonly SettingField[]): Patch {
  const { name = config.name, isActive = config.is_active } = edits;
  const params = changedParams(config, edits, fields);
  const secrets = Object.fromEntries(Object.entries(edits.secrets).filter(([, value]) => value !== ''));
  const guard = changedGuard(config, edits);
  return {
    ...(name === config.name ? {} : { name }),
    ...(isActive === config.is_active ? {} : { is_active: isActive }),
    ...ifAny('params', params),
    ...ifAny('secrets', secrets),
    ...ifAny('guard', guard),
  };
}

function ifAny<Name extends string, Value extends object>(name: Name, values: Value): { [name in Name]?: Value } {
  return Object.keys(values).length === 0 ? {} : ({ [name]: values } as { [name in Name]: Value });
}

function changedParams(config: ShownConfig, edits: Edits, fields: readonly SettingField[]): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(edits.params)) {
    const isOwn = Object.hasOwn(config.params, name);
    if (text === null || text === '') {
      if (isOwn) changed[name] = null;
    } else if (!isOwn || textOf(config.params[name]) !== text) {
      Object.assign(changed, paramsOf(fields, { [name]: text }));
    }
  }
  return changed;
}

function changedGuard(config: ShownConfig, edits: Edits): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(edits.guard)) {
    const value = text === null || text === '' ? null : limitOf(name, text);
    const stored = config.guard[name] ?? null;
    if (value !== stored) changed[name] = value;
  }
  return changed;
}

/** A limit as people type it: shares are percent. What is no number goes as it is, and the server says what it must be. */
function limitOf(name: string, text: string): unknown {
  if (name === 'enabled') return text === 'true';
  const number = Number(text.replace(',', '.'));
  if (text.trim() === '' || Number.isNaN(number)) return text;
  return isShare(name) ? Math.round(number * 100) / 10_000 : number;
}

/** Whether a limit is a share, shown as percent. */
export function isShare(name: string): boolean {
  return name.endsWith('_share');
}

/** A limit as it is shown in its field. */
export function limitText(name: string, value: unknown): string {
  if (typeof value !== 'number') return String(value);
  return isShare(name) ? String(Math.round(value * 10_000) / 100) : String(value);
}

/** How many things a patch changes. */
export function changesIn({ params = {}, secrets = {}, guard = {}, ...others }: Patch): number {
  return [params, secrets, guard, others].reduce((sum, part) => sum + Object.keys(part).length, 0);
}

/** One field that somebody else changed. */
export interface Meanwhile {
  group: EditGroup | 'name' | 'isActive';
  name: string;
  was: string;
  theirs: string;
  /** null = not edited here. */
  yours: string | null;
}

/** What changed between two states of a config; of secrets only when they were set. */
export function changedMeanwhile(was: ShownConfig, is: ShownConfig, edits: Edits): Meanwhile[] {
  const found: Meanwhile[] = [];
  const note = (of: Omit<Meanwhile, 'yours'>, edit: string | boolean | null | undefined) => {
    if (of.was !== of.theirs) found.push({ ...of, yours: edit === undefined ? null : String(edit ?? '–') });
  };
  note({ group: 'name', name: '', was: was.name, theirs: is.name }, edits.name);
  note({ group: 'isActive', name: '', was: String(was.is_active), theirs: String(is.is_active) }, edits.isActive);
  for (const group of ['params', 'guard', 'secrets'] as const) {
    for (const name of new Set([...Object.keys(was[group]), ...Object.keys(is[group])])) {
      const told = (config: ShownConfig) => {
        const value: unknown = config[group][name];
        if (value === undefined) return '–';
        if (group === 'secrets') return config.secrets[name]?.set_at ?? '–';
        return group === 'guard' ? limitText(name, value) : textOf(value);
      };
      // Of a secret only that it is another one is known, and what was typed is not shown.
      const edit = group === 'secrets' && edits.secrets[name] != null ? '•••' : edits[group][name];
      note({ group, name, was: told(was), theirs: told(is) }, edit);
    }
  }
  return found;
}

/** The edits without the one of a field. */
export function withoutEdit(edits: Edits, { group, name }: Pick<Meanwhile, 'group' | 'name'>): Edits {
  if (group === 'name' || group === 'isActive') {
    const { [group]: _, ...others } = edits;
    return others;
  }
  return withEdit(edits, group, [name, undefined]);
}
