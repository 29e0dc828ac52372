// Stored secrets for a person: which there are, since when, and how they end.
import type { Config } from '../../records/configs/config.ts';

/** E.g. 'api_key set on 2026-11-29, ends in 9f3a; password set'. */
export function secretsText(secrets: Config['secrets']): string {
  const texts = Object.entries(secrets).map(([name, { set_at, ends_in }]) => {
    const when = set_at === null ? 'set' : `set on ${set_at.slice(0, 10)}`;
    return `${name} ${when}${ends_in === null ? '' : `, ends in ${ends_in}`}`;
  });
  return texts.join('; ') || 'none';
}
