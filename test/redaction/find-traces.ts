// Looks for traces of the canaries in everything that is stored: every table, every stored answer, every job.

import type { Database } from '../../src/db/database.ts';
import { readPayload } from '../../src/records/payloads/read-payload.ts';

// The word that every canary holds: as it is, in base64 at each of its three places, in hex.
const traces = /canary|Y2FuYXJ5|NhbmFyeS|jYW5hcn|63616e617279/i;

/** Where a text shows a canary: some characters around it; null = nowhere. */
export function traceIn(text: string): string | null {
  const found = traces.exec(text);
  return found === null ? null : text.slice(Math.max(0, found.index - 60), found.index + 40);
}

/** Table → traces in its rows, and 'bodies' → traces in stored answers. Empty = none. */
export async function tracesInDatabase(database: Database): Promise<{ where: string; trace: string }[]> {
  const found: { where: string; trace: string }[] = [];
  const note = (where: string, text: string) => {
    const trace = traceIn(text);
    if (trace !== null) found.push({ where, trace });
  };
  const { rows: tables } = await database.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where c.relkind in ('r', 'p')
       and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  for (const { name } of tables) {
    const { rows } = await database.query<{ text: string }>(`select to_jsonb(t)::text as text from ${name} t`);
    for (const { text } of rows) note(name, text);
  }
  const { rows: bodies } = await database.query<{ source: string; id: string }>(
    'select wand_source_id as source, id from integration_payloads',
  );
  for (const { source, id } of bodies) {
    const parts: Uint8Array[] = [];
    for await (const part of readPayload(database, { sourceId: source, payloadId: id })) parts.push(part);
    note('bodies', Buffer.concat(parts).toString('utf8'));
  }
  return found;
}
