// Values of a row as callers see them: times as ISO text in UTC, small whole numbers as numbers; ids that are none as null.

/** ISO text in UTC with milliseconds, e.g. '2026-11-22T08:31:07.123Z'. */
export function timeOf(time: Date): string;
export function timeOf(time: Date | null): string | null;
export function timeOf(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}

/** A bigint column (text from the driver) that holds ids of the hierarchy or counts, as a number. */
export function numberOf(value: string | null): number | null {
  return value === null ? null : Number(value);
}

/** Whether a text can be the id of a row; others are 'not found', never an error of the database. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
