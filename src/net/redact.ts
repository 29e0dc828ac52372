// Redaction of foreign text by value (the secrets in use) and by look (tokens, keys, passwords).
import { censored, secretForms, textRedactor } from '../known-secrets.ts';

// name = value, "name": "value", and Authorization schemes; the name stays, the value goes.
const named =
  /((?:api[_-]?key|access[_-]?token|token|secret|password|passwd|authorization|client[_-]?id|session(?:id)?)["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"'&<>,;}]+/gi;
const schemes = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;
// Long runs of token characters that hold a digit: keys, JWTs, hashes.
const longRuns = /(?=[\w.-]*\d)[\w-]{20,}(?:\.[\w-]+)*/g;

/** Replaces what looks like a secret. For text of strangers that goes into an error. */
export function redactByLook(text: string): string {
  return text.replace(named, `$1${censored}`).replace(schemes, `$1 ${censored}`).replace(longRuns, censored);
}

/** A function that replaces these secrets and everything that looks like one. As `valueRedactor`, then by look. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const byValue = valueRedactor(secrets);
  return (text) => redactByLook(byValue(text));
}

/**
 * A function that replaces these secrets only, in all forms of known-secrets.ts. Secrets of fewer than 4 characters are left
 * alone: they would censor ordinary words.
 */
export function valueRedactor(secrets: readonly string[]): (text: string) => string {
  return textRedactor(secretParts(secrets, 4).flatMap(secretForms));
}

/** The secrets and the parts of which they are made (after a scheme, of a Basic pair), from so many characters on. */
export function secretParts(secrets: readonly string[], least: number): string[] {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split(/\s+/), ...basicParts(secret)]);
  return [...new Set(parts)].filter((part) => part.length >= least && part !== 'Bearer' && part !== 'Basic');
}

/** User name, password and both of a Basic authorization; [] of anything else. */
function basicParts(secret: string): string[] {
  const encoded = /^basic\s+([\w+/]+=*)$/i.exec(secret)?.[1];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? [] : [pair, pair.slice(0, colon), pair.slice(colon + 1)];
}

/** The beginning of a foreign text for an error: one line, control characters out, at most 200 characters, redacted. */
export function excerpt(text: string, redact: (text: string) => string = redactByLook): string {
  // Redacted before it is cut, with some room: a secret cut in half would not be recognised.
  const line = redact(text.slice(0, 1_000))
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
