// Writes new items by COPY straight into their tables while they come, kind by kind on one connection.
import { type Item, type Kind, kinds } from '../../catalog/item.ts';
import { type CopyIn, copyLine, escapeCopyJson, escapeCopyText, openCopyIn } from '../../db/copy.ts';
import type { Connection } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import { replaceLocations } from './item-locations.ts';
import { itemTables } from './item-table.ts';
import type { SaveContext } from './save-items.ts';

export interface NewItem {
  item: Item;
  /** Fingerprint, 48 hex digits. */
  hash: string;
  /** JSON text of the item's data. */
  data: string;
  /** Whatever the caller knows the item by; a refusal of the row names it. */
  index: number;
}

/** A row that the server refused; `index` is the caller's name of it, null when PostgreSQL does not say which. */
export class NewItemRefused extends Error {
  readonly kind: Kind;
  readonly index: number | null;
  readonly reason: TillsyncError;

  constructor(kind: Kind, index: number | null, reason: TillsyncError) {
    super(reason.message, { cause: reason });
    this.kind = kind;
    this.index = index;
    this.reason = reason;
  }
}

// Text handed to the driver at once, and text of one kind that waits while another kind's COPY is open: ending a COPY and
// beginning the next costs two round trips, which kinds that alternate item by item must not pay each time.
const pieceLength = 65_536;
const waitingLength = 1_048_576;
// Rows by location that wait: they are no COPY (what an item left behind that another program deleted goes first).
const waitingLocations = 5_000;

interface Waiting {
  text: string;
  indexes: number[];
}

/** Takes new items in any order. `add` only gathers; `flush` hands over, `end` ends what is open. */
export class NewItems {
  private readonly connection: Connection;
  private readonly prefix: string;
  private readonly waiting: Record<Kind, Waiting>;
  private readonly sourceId: string;
  private readonly mayHaveLocations: boolean;
  private readonly located: Record<Kind, Item[]> = { products: [], modifiers: [], discounts: [] };
  private waitingLocations = 0;
  private open: { kind: Kind; copy: CopyIn; lines: LineNames } | null = null;
  /** Whether rows by location were written. */
  wroteLocations = false;

  /** `mayHaveLocations` = the source has rows by location already. */
  constructor(connection: Connection, context: SaveContext, mayHaveLocations: boolean) {
    this.connection = connection;
    this.sourceId = context.sourceId;
    this.mayHaveLocations = mayHaveLocations;
    this.prefix = prefixOf(context);
    const none = (): Waiting => ({ text: '', indexes: [] });
    this.waiting = { products: none(), modifiers: none(), discounts: none() };
  }

  add({ item, hash, data, index }: NewItem): void {
    const of = this.waiting[item.kind];
    of.text += this.prefix + lineOf(item, hash, data);
    of.indexes.push(index);
    const locations = item.locations?.length ?? 0;
    if (locations === 0 && !this.mayHaveLocations) return;
    this.located[item.kind].push(item);
    this.waitingLocations += Math.max(locations, 1);
  }

  /** Hands over what is worth it. Between calls the connection may be inside a COPY. Throws NewItemRefused, TillsyncError. */
  async flush(): Promise<void> {
    for (const kind of kinds) {
      const length = this.waiting[kind].text.length;
      if (length >= (this.open === null || this.open.kind === kind ? pieceLength : waitingLength))
        await this.send(kind);
    }
    if (this.waitingLocations < waitingLocations) return;
    await this.close();
    await this.writeLocations();
  }

  /** Hands over everything and ends the COPY; the connection is free again. Throws NewItemRefused, TillsyncError. */
  async end(): Promise<void> {
    const first = this.open?.kind;
    if (first !== undefined && this.waiting[first].text !== '') await this.send(first);
    for (const kind of kinds) if (this.waiting[kind].text !== '') await this.send(kind);
    await this.close();
    await this.writeLocations();
  }

  /** Gives up the COPY that is open, if one is, so that the transaction can be rolled back. Never throws. */
  async abort(): Promise<void> {
    const { open } = this;
    this.open = null;
    await open?.copy.abort(new Error('given up'));
  }

  private async writeLocations(): Promise<void> {
    if (this.waitingLocations === 0) return;
    for (const kind of kinds) {
      const items = this.located[kind].splice(0);
      await replaceLocations(this.connection, this.sourceId, { kind, items, mayExist: this.mayHaveLocations });
    }
    this.waitingLocations = 0;
    this.wroteLocations = true;
  }

  private async send(kind: Kind): Promise<void> {
    const of = this.waiting[kind];
    const { text, indexes } = of;
    of.text = '';
    of.indexes = [];
    if (this.open?.kind !== kind) {
      await this.close();
      this.open = { kind, copy: await openCopyIn(this.connection, copyStatement(kind)), lines: new LineNames() };
    }
    const { open } = this;
    for (const index of indexes) open.lines.add(index);
    await this.guarded(open, () => open.copy.write(text));
  }

  private async close(): Promise<void> {
    const { open } = this;
    if (open === null) return;
    await this.guarded(open, () => open.copy.end());
    this.open = null;
  }

  private async guarded(open: { kind: Kind; lines: LineNames }, step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.open = null;
      if (!(error instanceof TillsyncError)) throw error;
      const { where } = (error.cause ?? {}) as { where?: string };
      // On a line of its own behind that of a trigger, if one refused; 'line' is in the server's language.
      const line = /^COPY integration_[a-z]+\D+(\d+)/m.exec(where ?? '')?.[1];
      throw new NewItemRefused(open.kind, line === undefined ? null : open.lines.nameOf(Number(line)), error);
    }
  }
}

/** What the caller knows each line of a COPY by. Names count up nearly always, so only where they do not is kept. */
class LineNames {
  private lines = 0;
  private last = -2;
  /** The lines, from 1, whose name is not one more than that of the line before, and these names. */
  private readonly firsts: number[] = [];
  private readonly names: number[] = [];

  add(name: number): void {
    this.lines += 1;
    if (name !== this.last + 1) {
      this.firsts.push(this.lines);
      this.names.push(name);
    }
    this.last = name;
  }

  nameOf(line: number): number | null {
    if (line < 1 || line > this.lines) return null;
    const run = this.firsts.findLastIndex((first) => first <= line);
    return (this.names[run] as number) + line - (this.firsts[run] as number);
  }
}

const fixedColumns = `source_id, wand_source_id, source_config_id, concept_id, company_id, site_id, last_synced_at, created_at,
  updated_at, created_run_id, last_run_id, content_hash, external_id`;

function copyStatement(kind: Kind): string {
  const { table, columns, keyHasPath } = itemTables[kind];
  const own = [...(keyHasPath ? ['path_id'] : []), ...columns.map(({ column }) => column)].join(', ');
  return `copy ${table} (${fixedColumns}, ${own}) from stdin`;
}

/** What all rows of a run begin with, up to the hash. */
function prefixOf({ sourceId, configId, runId, time, conceptId, companyId, siteId }: SaveContext): string {
  const fixed = [sourceId, sourceId, configId, conceptId, companyId, siteId, time, time, time, runId, runId];
  return `${copyLine(fixed).slice(0, -1)}\t\\\\x`;
}

function lineOf(item: Item, hash: string, data: string): string {
  const { columns, keyHasPath } = itemTables[item.kind];
  let line = `${hash}\t${escapeCopyText(item.externalId)}`;
  if (keyHasPath) line += field(item.pathId);
  for (const { type, text } of columns) {
    line += type === 'jsonb' ? `\t${escapeCopyJson(data)}` : field(text(item, data));
  }
  return `${line}\n`;
}

function field(value: string | null): string {
  return value === null ? '\t\\N' : `\t${escapeCopyText(value)}`;
}
