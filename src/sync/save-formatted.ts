// Saves items that a caller formatted (save-integration-data, `tillsync save`): the same run, plan, guard and save.
import { type Kind, kinds } from '../catalog/item.ts';
import { cutBelow, isDeeperThan, mostDepth, storableWhole } from '../catalog/storable.ts';
import { inputError, TillsyncError } from '../errors.ts';
import type { Json } from '../json.ts';
import { storePayload } from '../records/payloads/store-payload.ts';
import type { Run } from '../records/runs/run.ts';
import { syncRunning } from './approve-run.ts';
import type { Deps } from './deps.ts';
import { requestRun } from './request-sync.ts';
import { type ResolvedSettings, resolveSettings } from './resolve-config.ts';
import type { LeaseOptions } from './run/keep-lease.ts';
import { runSync } from './run-sync.ts';

export interface FormattedToSave extends LeaseOptions {
  configId: string;
  /** The config's source, or the legacy id it was adopted from; anything else is refused. */
  sourceId?: string | undefined;
  /** Kinds that are absent are not looked at; in mode 'full' an empty list means that there are none. */
  formattedData: Partial<Record<Kind, readonly Json[]>>;
  /** The caller's own notes, kept with the payload. */
  metadata?: Json | undefined;
  mode?: 'merge' | 'full';
  dryRun?: boolean;
  requestedBy: string;
}

/**
 * Runs the save to its end. `stored` counts the items of this payload that are now in the tables, per kind.
 * Throws metadata_too_deep, config_unknown, config_not_runnable, source_mismatch (409), sync_running (409); a failed or held run is returned.
 */
export async function saveFormatted(
  deps: Deps,
  request: FormattedToSave,
): Promise<{ run: Run; stored: Record<Kind, number> }> {
  refuseDeepMetadata(request.metadata);
  const resolved = await resolveSettings(deps, request.configId);
  checkSource(resolved, request.sourceId);
  const { run, alreadyActive } = await requestRun(deps, resolved, {
    configId: request.configId,
    trigger: 'save',
    requestedBy: request.requestedBy,
    dryRun: request.dryRun ?? false,
    mode: request.mode ?? 'merge',
  });
  if (alreadyActive) throw syncRunning(run);
  const ended = await runSync(deps, run.id, {
    signal: request.signal,
    onProgress: request.onProgress,
    store: async (lease, sourceId) => {
      await storePayload(deps.database, {
        sourceId,
        runId: lease.claim.runId,
        page: 0,
        form: 'formatted',
        volatileFields: [],
        body: bodyOf(request.formattedData),
        meta: { metadata: storableWhole(request.metadata ?? null) },
        onBytes: (bytes) => lease.note({ bytes }),
      });
      // Only a full save that speaks of every kind is the whole catalog.
      return request.mode === 'full' && kinds.every((kind) => request.formattedData[kind] !== undefined);
    },
  });
  return { run: ended, stored: storedIn(ended) };
}

function checkSource({ config, sourceId }: ResolvedSettings, named: string | undefined): void {
  // A uuid is the same in upper case.
  const known = [sourceId, config.legacy_source_id].map((id) => id?.toLowerCase());
  if (named === undefined || known.includes(named.toLowerCase())) return;
  throw new TillsyncError(`Config “${config.name}” does not belong to source ${named.slice(0, 60)}.`, {
    code: 'source_mismatch',
    step: 'validation',
    hint: sourceId === null ? 'Leave source_id out.' : `Its source is ${sourceId}.`,
    status: 409,
    exitCode: 2,
  });
}

// They are given back as they came, and nothing writes JSON of any depth.
function refuseDeepMetadata(metadata: Json | undefined): void {
  if (!isDeeperThan(metadata ?? null, mostDepth)) return;
  throw inputError('metadata_too_deep', `The metadata is nested deeper than ${mostDepth} levels.`, 'Flatten it.');
}

/** An item as JSON text. One that is too deep keeps one level too many, so that reading it back rejects it. */
function textOf(item: Json): string {
  return JSON.stringify(isDeeperThan(item, mostDepth) ? cutBelow(item, mostDepth + 1) : item);
}

/** The body as it is stored: one JSON document, written item by item. */
async function* bodyOf(data: FormattedToSave['formattedData']): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  yield encoder.encode('{');
  let first = true;
  for (const kind of kinds) {
    const items = data[kind];
    if (items === undefined) continue;
    yield encoder.encode(`${first ? '' : ','}"${kind}":[`);
    first = false;
    for (let start = 0; start < items.length; start += 500) {
      const texts = items.slice(start, start + 500).map(textOf);
      yield encoder.encode((start === 0 ? '' : ',') + texts.join(','));
    }
    yield encoder.encode(']');
  }
  yield encoder.encode('}');
}

function storedIn(run: Run): Record<Kind, number> {
  const saved = run.status === 'success' || run.status === 'partial';
  const count = (kind: Kind) => {
    const counts = run.counts?.[kind];
    return saved && counts ? counts.created + counts.updated + counts.unchanged + counts.restored : 0;
  };
  return { products: count('products'), modifiers: count('modifiers'), discounts: count('discounts') };
}
