// What may be shown of a secret that nobody can read again.
import type { SecretDescription } from '../../records/configs/config.ts';

/** The length from which on the last 4 characters tell too little to help anybody guess. */
const leastLength = 12;

/** Describes a secret; a structured one (JSON) ends like any other and shows nothing. */
export function describeSecret(value: string, setAt: Date | null): SecretDescription {
  const characters = [...value];
  const shows = characters.length >= leastLength && !/^\s*[{[]/.test(value);
  const end = characters.slice(-4).join('');
  return { set_at: setAt?.toISOString() ?? null, ends_in: shows && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(end) ? end : null };
}
