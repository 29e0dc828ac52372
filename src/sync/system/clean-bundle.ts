// Takes secrets out of a bundle: by the names of its members, by what a secret looks like, and by the value of each stored one.
import { openKnownSecrets } from '../../known-secrets.ts';
import { withoutSecretsIn } from '../../log.ts';
import { readSealed, type SealedRow } from '../../records/vault/read-sealed.ts';
import { placeNames, type SealedPlace } from '../../records/vault/sealed-places.ts';
import type { Deps } from '../deps.ts';

export interface Cleaner {
  clean(value: unknown): unknown;
  /** How many stored secrets it looks for by value; those that could not be opened or read are found by name and shape only. */
  told: { looked_for: number; not_opened: number; not_read: SealedPlace[] };
}

const shapes: readonly [RegExp, string][] = [
  // Our own API keys.
  [/\bts_[\w-]{40,}/g, '[redacted]'],
  // Tokens of three parts, as JSON web tokens are.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}/g, '[redacted]'],
  // In the query of an address, in a form, in JSON inside a text.
  [
    /((?:key|secret|passw(?:or)?d|token|signature|credentials?)(?:\\?["'])?\s*[=:]\s*(?:\\?["'])?)(?!\[redacted\])[^\s"'\\&,;)}\]]{6,}/gi,
    '$1[redacted]',
  ],
];

/** More than this would make the search for them slow; those that belong to the runs of the bundle come first. */
const mostSecrets = 4_000;

/** Opens every stored secret, to find it again. Never throws for one that cannot be opened. */
export async function openCleaner(
  deps: Pick<Deps, 'database' | 'vault'>,
  runs: readonly { config_id: string | null }[],
): Promise<Cleaner> {
  const secrets = openKnownSecrets(mostSecrets);
  const first = new Set(runs.map(({ config_id }) => config_id));
  const found: { value: string; isFirst: boolean }[] = [];
  const told: Cleaner['told'] = { looked_for: 0, not_opened: 0, not_read: [] };
  for (const place of placeNames) {
    try {
      for await (const { owner, fields } of sealedRows(deps, place)) {
        for (const [field, sealed] of Object.entries(fields)) {
          const value = await opened(deps, { owner, field, sealed });
          if (value === null) told.not_opened += 1;
          else found.push({ value, isFirst: first.has(owner) });
        }
      }
    } catch {
      // Of another schema: the bundle is made all the same, and says so.
      told.not_read.push(place);
    }
  }
  told.looked_for = found.length;
  // What was learned last is remembered longest.
  secrets.learn(
    [...found.filter(({ isFirst }) => !isFirst), ...found.filter(({ isFirst }) => isFirst)].map(({ value }) => value),
  );
  const redact = (text: string) =>
    shapes.reduce((clean, [shape, by]) => clean.replace(shape, by), secrets.redact(deps.vault.redact(text)));
  return {
    clean: (value) => withoutSecretsIn(value, redact),
    told,
  };
}

async function opened(
  { vault }: Pick<Deps, 'vault'>,
  { owner, field, sealed }: { owner: string; field: string; sealed: string },
): Promise<string | null> {
  try {
    return await vault.decrypt(owner, field, sealed);
  } catch {
    // Of another key, or damaged: the report of the vault says so.
    return null;
  }
}

async function* sealedRows(
  { database }: Pick<Deps, 'database'>,
  place: SealedPlace,
): AsyncGenerator<SealedRow, void, void> {
  const limit = 500;
  let after: SealedRow | null = null;
  for (;;) {
    // No key has this name, so every row comes.
    const rows: SealedRow[] = await readSealed(database, place, { except: 'none', after, limit });
    yield* rows;
    after = rows.at(-1) ?? null;
    if (rows.length < limit) return;
  }
}
