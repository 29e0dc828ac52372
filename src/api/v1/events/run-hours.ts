// How many runs there were by the hour: for a chart of a day, whatever the number of runs.
import { createRoute, z } from '@hono/zod-openapi';
import { countRunHours, mostHours } from '../../../records/metrics/count-run-hours.ts';
import type { ApiApp } from '../api-given.ts';
import { ownRows, permits } from '../guards/permit.ts';
import { json, problems } from '../routes/responses.ts';
import { pageSchema, timeSchema } from '../schemas/paging.ts';
import { runStatusSchema } from '../schemas/run-schema.ts';

export const runHourSchema = z
  .object({
    from: timeSchema.openapi({ description: 'Its beginning.' }),
    runs: z
      .partialRecord(runStatusSchema, z.number().int())
      .openapi({ description: 'Runs that were asked for, by status; a status that none has is left out.' }),
    changes: z.number().int().openapi({ description: 'Items that saved runs created, updated, removed or restored.' }),
  })
  .openapi('RunHour');

const hoursRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/run-hours',
  summary: 'Runs counted by the hour, oldest first',
  tags: ['runs'],
  request: {
    query: z.strictObject({
      since: z.iso.datetime().openapi({ description: 'Where the first hour begins.' }),
      hours: z.coerce.number().int().min(1).max(mostHours).default(24).openapi({ description: 'How many, 1 to 168.' }),
    }),
  },
  responses: {
    200: json('All of them in one page, those without a run, too.', pageSchema(runHourSchema)),
    ...problems,
  },
});

/** Registers the route. */
export function addRunHoursRoute(app: ApiApp): void {
  app.openapi(hoursRoute, async (context) => {
    const { since, hours } = context.req.valid('query');
    return context.json({ data: await countRunHours(ownRows(context), { since, hours }), next: null }, 200);
  });
}
