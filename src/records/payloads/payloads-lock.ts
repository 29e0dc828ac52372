// The advisory lock of a source's payloads: who puts one into the vault shares it, who clears away what nobody finished has it alone.

/** The lock's key as SQL over an expression that gives the source's id. The save's own lock of the source is another one. */
export function payloadsLockKey(source: string): string {
  return `hashtextextended('tillsync payloads ' || ${source}::uuid::text, 0)`;
}
