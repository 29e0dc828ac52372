// The fetch alone, for callers that do the steps themselves (the edge contract); nothing is stored.
import { isDeeperThan } from '../catalog/storable.ts';
import { TillsyncError } from '../errors.ts';
import { type Json, parseJson } from '../json.ts';
import type { Config } from '../records/configs/config.ts';
import type { Deps } from './deps.ts';
import { resolveConfig } from './resolve-config.ts';
import { runnable } from './run-sync.ts';
import { openFetch } from './upstream/open-fetch.ts';

export interface FetchedData {
  config: Config;
  connectorId: string;
  /** The parsed answer; a list of answers where the POS gives several pages. */
  data: Json;
  fetchedAt: Date;
  complete: boolean;
}

// The answer is handed on as one JSON body; a run streams instead and has no such limit.
const mostBytes = 64 * 1_048_576;
// JSON.stringify gives up at some thousand levels.
const mostLevels = 1_000;

/** Fetches the POS's answer of a config without saving it. Throws as a run's fetch does, and answer_too_large, body_too_deep. */
export async function fetchData(deps: Deps, request: { configId: string; signal: AbortSignal }): Promise<FetchedData> {
  const resolved = await resolveConfig(deps, request.configId);
  runnable(resolved);
  const { connector, params, secrets, config } = resolved;
  const now = new Date();
  const { signal } = request;
  const way = await openFetch(deps, resolved, { signal });
  const pages: Json[] = [];
  try {
    const fetched = connector.fetch({ settings: { params, secrets }, ...way, signal, now });
    for (;;) {
      const next = await fetched.next();
      if (next.done) {
        const data = pages.length === 1 ? (pages[0] ?? null) : pages;
        return { config, connectorId: connector.id, data, fetchedAt: now, complete: next.value.complete };
      }
      pages.push(parseAnswer(await textOf(next.value.body)));
    }
  } finally {
    await way.http.close();
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of body) {
    size += bytes.length;
    if (size > mostBytes) {
      throw new TillsyncError(`The answer is larger than ${mostBytes / 1_048_576} MiB.`, {
        code: 'answer_too_large',
        step: 'fetch',
        hint: 'Use sync-orchestrator: it streams the answer into the tables.',
      });
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseAnswer(text: string): Json {
  try {
    const data = parseJson(text.replace(/^\uFEFF/, ''));
    if (isDeeperThan(data, mostLevels)) throw new RangeError(`deeper than ${mostLevels} levels`);
    return data;
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(error);
    throw new TillsyncError('The answer of the POS is not JSON.', {
      code: 'body_not_json',
      step: 'format',
      hint: 'Check base_url and the credentials of the config.',
      cause: error,
    });
  }
}

function tooDeep(cause: Error): TillsyncError {
  return new TillsyncError('The answer of the POS is nested too deeply to be handed on.', {
    code: 'body_too_deep',
    step: 'format',
    hint: 'Use sync-orchestrator: it rejects only the items that are too deep.',
    cause,
  });
}
