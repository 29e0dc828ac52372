// What proves that a webhook came from its POS: HMAC-SHA256 and fixed tokens compared in constant time, and the time window.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds that a signed time may lie in the past or in the future. */
export const webhookWindowSeconds = 300;

export interface Signature {
  /** What was signed, in this order, e.g. [url, rawBody]. */
  parts: readonly (string | Uint8Array)[];
  secret: string;
  encoding: 'base64' | 'hex';
  /** As the header gives it; null = absent. */
  signature: string | null;
}

/** Whether it is the HMAC-SHA256 of the parts. The time it takes tells nothing of where it differs. */
export function isHmacSha256({ parts, secret, encoding, signature }: Signature): boolean {
  // With an empty key anybody can sign.
  if (signature === null || secret === '') return false;
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  return isSameText(hmac.digest(encoding), encoding === 'hex' ? signature.toLowerCase() : signature);
}

/** Whether two texts are equal, in constant time; for POS that send a fixed token instead of a signature. */
export function isSameText(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Whether a signed time is near enough to now. */
export function isTimely(at: Date, now: Date): boolean {
  return Math.abs(now.getTime() - at.getTime()) <= webhookWindowSeconds * 1_000;
}
