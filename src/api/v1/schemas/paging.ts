// Pages of lists, and what a caller may say about them.
import { z } from '@hono/zod-openapi';

/** Rows of a page where the caller does not say how many; the list's own preset applies. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).optional().openapi({ description: 'Rows of the page, 1 to 1000.' }),
  cursor: z.string().max(4000).optional().openapi({ description: 'The `next` of the page before.' }),
};

/** `{data, next}` of rows. */
export function pageSchema<Row extends z.ZodType>(row: Row) {
  return z.object({
    data: z.array(row),
    next: z.string().nullable().openapi({ description: 'Asks for the following page; null = this was the last.' }),
  });
}

/** For queries of routes that take none: an unknown parameter is refused everywhere. */
export const noQuery = z.strictObject({});

/** Ids of adopted databases need not carry a version nibble, so any 8-4-4-4-12 text is an id. */
export const idSchema = z.guid();

/** An id in a path: whatever it is, what nobody has is not found. */
export const idParam = z.object({ id: z.string().min(1).max(200) });

/** ISO text in UTC with milliseconds. */
export const timeSchema = z.string().openapi({ format: 'date-time', example: '2026-11-22T08:31:07.123Z' });

/** Decimal text in major units; never a float. */
export const decimalSchema = z.string().openapi({ description: 'Decimal text.', example: '12.50' });
