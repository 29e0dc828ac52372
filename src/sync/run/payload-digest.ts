// Names what a run reads and how: with an equal name, formatting gives equal items.
import { hash } from 'node:crypto';
import { canonical } from '../../catalog/canonical-json.ts';
import { fingerprintVersion } from '../../catalog/fingerprint.ts';
import { formattedVersion } from '../../catalog/formatted-item.ts';
import type { Connector } from '../../connectors/connector.ts';
import type { Json } from '../../json.ts';
import type { RunPage } from '../../records/payloads/read-payload.ts';

export interface ReadPayload {
  pages: readonly RunPage[];
  connector: Pick<Connector, 'id' | 'version'>;
  params: Readonly<Record<string, unknown>>;
  /** Whether absence means removal in this run. */
  removesByAbsence: boolean;
}

/** Names what remembered cursors and probes are bound to: with another mapping or other settings all has to be read again. */
export function rememberKey({ connector, params }: Pick<ReadPayload, 'connector' | 'params'>): string {
  return payloadDigest({ pages: [], connector, params, removesByAbsence: false });
}

/** 64 hex digits. Settings count as a whole: which of them formatting looks at is the connector's business. */
export function payloadDigest({ pages, connector, params, removesByAbsence }: ReadPayload): string {
  const read: Json = [
    fingerprintVersion,
    formattedVersion,
    connector.id,
    connector.version,
    params as { [name: string]: Json },
    removesByAbsence,
    pages.map(({ form, contentHash }) => [form, contentHash]),
  ];
  return hash('sha256', canonical(read), 'hex');
}
