// Records one whole fetch of a config, scrubbed, for a test of its connector. Nothing is stored.
import { TillsyncError } from '../../errors.ts';
import { parseJson } from '../../json.ts';
import { type Cassette, recordHttp } from '../../net/trial/record-http.ts';
import { openScrubber } from '../../net/trial/scrub.ts';
import type { Deps } from '../deps.ts';
import { resolveConfig } from '../resolve-config.ts';
import { runnable } from '../run-sync.ts';
import { openFetch } from '../upstream/open-fetch.ts';

/**
 * Fetches everything once, as a run does, and returns what was asked and answered. Throws as a run's fetch does, and
 * recording_incomplete, recording_too_large.
 */
export async function recordCassette(deps: Deps, of: { configId: string; signal: AbortSignal }): Promise<Cassette> {
  const resolved = await resolveConfig(deps, of.configId);
  runnable(resolved);
  const { connector, params, secrets } = resolved;
  const { signal } = of;
  const way = await openFetch(deps, resolved, { signal });
  const known = { redact: way.echoed.redact, origin: connector.origin(params) };
  const cassette: Cassette = {
    connector: connector.id,
    version: connector.version,
    now: new Date().toISOString(),
    // As they may lie beside the code: no host, no secret.
    params: parseJson(openScrubber(known).body(JSON.stringify(params))) as Record<string, unknown>,
    exchanges: [],
  };
  const http = recordHttp(way.http, { ...known, exchanges: cassette.exchanges });
  const context = { ...way, http, settings: { params, secrets }, signal, now: new Date(cassette.now), since: null };
  try {
    const fetching = connector.fetch(context);
    for (;;) {
      const next = await fetching.next();
      if (next.done) {
        if (!next.value.complete) throw incomplete(next.value.reason);
        return cassette;
      }
      for await (const _ of next.value.body) signal.throwIfAborted();
    }
  } finally {
    await http.close();
  }
}

function incomplete(reason: string | undefined): TillsyncError {
  return new TillsyncError(
    `The fetch was not complete${reason === undefined ? '' : `: ${reason}`}; nothing is recorded.`,
    {
      code: 'recording_incomplete',
      step: 'fetch',
      retry: 'later',
      hint: 'Try again; a recording is only of use when it is whole.',
    },
  );
}
