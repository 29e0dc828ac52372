// The first page of a catalog, fetched as a run fetches it and formatted, with nothing stored.
import { type Formatted, type Item, kinds } from '../../catalog/item.ts';
import type { FetchContext } from '../../connectors/connector.ts';
import { TillsyncError } from '../../errors.ts';
import { redactor } from '../../net/redact.ts';
import type { CheckReport, SampleItem } from './check-step.ts';
import type { SettingsToCheck } from './settings-to-check.ts';

/** A page may be a whole catalog: the beginning tells enough. */
const mostBytes = 16 * 1_048_576;
const mostSamples = 3;
/** Where the first page only holds what items refer to, they come soon after it. */
const mostPages = 5;

export interface FirstPage {
  bytes: number;
  /** The page was larger than what is read of it. */
  isCut: boolean;
  items: SampleItem[];
  counts: NonNullable<CheckReport['counts']>;
  /** Why the first reject was rejected; null = none was. */
  firstReject: string | null;
}

/** Fetches and formats it. Throws TillsyncError: step 'fetch' for what the POS did, 'format' for what it sent. */
export async function tryFirstPage(
  { connector, params, secrets }: SettingsToCheck,
  context: Omit<FetchContext, 'settings'>,
): Promise<FirstPage> {
  const settings = { params, secrets };
  const fetching = connector.fetch({ ...context, settings });
  const seen = new Seen();
  const redact = redactor(connector.secretTexts?.(settings) ?? Object.values(secrets));
  const earlier = new Map<string, unknown>();
  let bytes = 0;
  try {
    for (let page = 0; page < mostPages; page++) {
      const next = await fetching.next();
      if (next.done && page === 0) throw noPage(next.value.reason);
      if (next.done) break;
      const piece = new CutBody(next.value.body);
      try {
        for await (const batch of connector.format(piece, { params, earlier, redact })) seen.add(batch);
      } catch (error) {
        // What was cut off by us is no fault of the page.
        if (!piece.isCut) throw error;
      }
      bytes += piece.bytes;
      if (piece.isCut || seen.some()) return { bytes, isCut: piece.isCut, ...seen.result() };
    }
    return { bytes, isCut: false, ...seen.result() };
  } finally {
    await fetching.return({ complete: false });
  }
}

/** A body up to the limit of bytes. */
class CutBody implements AsyncIterable<Uint8Array> {
  bytes = 0;
  isCut = false;
  readonly #body: AsyncIterable<Uint8Array>;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#body = body;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for await (const bytes of this.#body) {
      this.isCut = this.bytes + bytes.length > mostBytes;
      if (this.isCut) return;
      this.bytes += bytes.length;
      yield bytes;
    }
  }
}

/** Counts what was formatted, and keeps the first few items of each kind. */
class Seen {
  readonly #counts = { items: 0, rejected: 0, filtered: 0 };
  readonly #first = new Map(kinds.map((kind) => [kind, [] as Item[]]));
  #firstReject: string | null = null;

  add(batch: readonly Formatted[]): void {
    for (const each of batch) {
      if (each.type === 'item') {
        this.#counts.items++;
        const kept = this.#first.get(each.item.kind);
        if (kept !== undefined && kept.length < mostSamples) kept.push(each.item);
      } else if (each.type === 'reject') {
        this.#counts.rejected++;
        this.#firstReject ??= each.reject.message;
      } else if (each.type === 'filtered') this.#counts.filtered++;
    }
  }

  /** Whether anything was an item, or should have been. */
  some(): boolean {
    return Object.values(this.#counts).some((count) => count > 0);
  }

  /** One of each kind first, then more of the kinds that have more. */
  result(): Omit<FirstPage, 'bytes' | 'isCut'> {
    const rounds = Array.from({ length: mostSamples }, (_, round) =>
      [...this.#first.values()].flatMap((items) => items.slice(round, round + 1)),
    );
    const chosen = rounds.flat().slice(0, mostSamples);
    const items = chosen.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind)).map(sampleOf);
    return { items, counts: this.#counts, firstReject: this.#firstReject };
  }
}

function sampleOf(item: Item): SampleItem {
  const { kind, externalId, pathId, name, currency, isAvailable } = item;
  const price = item.price ?? item.discountAmount;
  return { kind, external_id: externalId, path_id: pathId, name, price, currency, is_available: isAvailable };
}

function noPage(reason: string | undefined): TillsyncError {
  return new TillsyncError(`The POS sent no page of its catalog${reason === undefined ? '' : ` (${reason})`}.`, {
    code: 'upstream_no_catalog',
    step: 'fetch',
    hint: 'Check the identity settings: the POS knows them, but has no catalog for them.',
  });
}
