// Makes docs/reference/api.md from the OpenAPI document: every address with what it takes and answers.
import { createV1App } from '../src/api/v1/create-v1-app.ts';
import { type DescribedField, type DescribedRoute, describeRoutes } from '../src/api/v1/docs/describe-routes.ts';
import { openApiDocument } from '../src/api/v1/openapi-document.ts';
import type { Deps } from '../src/sync/deps.ts';

/** The text of docs/reference/api.md. */
export function apiPage(): string {
  // The routes are only described here; none is called, so nothing behind them needs to be open.
  const app = createV1App({} as Deps, { adminKey: null, corsOrigins: [], authenticate: async () => null });
  const routes = describeRoutes(openApiDocument(app));
  const tags = [...new Set(routes.map((route) => route.tag))];
  const sections = tags.map(
    (tag) =>
      `## ${tag}\n\n${routes
        .filter((route) => route.tag === tag)
        .map(section)
        .join('\n')}`,
  );
  return `${head}\n${sections.join('\n')}`;
}

function section(route: DescribedRoute): string {
  const answers = route.answers
    .filter(({ status }) => status !== 'else')
    .map(({ status, description, type }) => `${status} \`${type}\`: ${description}`);
  const description = route.description === '' ? '' : `\n${route.description}\n`;
  return `### ${route.method} ${route.path}\n\n${route.summary}.\n${description}\n${fieldList(route.fields)}- Answers ${answers.join(' · ')}\n`;
}

function fieldList(fields: readonly DescribedField[]): string {
  return fields
    .map(({ name, place, type, required, description }) => {
      const said = description === '' ? '' : ` ${description}`;
      return `- \`${name}\` (${place}${required ? ', required' : ''}): ${type}.${said}\n`;
    })
    .join('');
}

const head = `# HTTP API

<!-- Made by \`npm run docs\` from src/api/v1/: edit there. -->

\`tillsync start\` serves it beside the [edge functions](edge-functions.md). A running server shows the same with all schemas at
\`/api/docs\` (no other host, no script), as a document for programs at \`/api/openapi.json\` (OpenAPI 3.1).

- **Who calls**: \`Authorization: Bearer <api key>\`; make a key with \`tillsync keys create\`.
- **Lists** answer \`{"data": […], "next": cursor or null}\`; \`?cursor=<next>\` gives the following page, \`?limit=\` 1 to 1000 rows.
- **Errors** are problem+json (RFC 9457): \`{type, title, status, detail, instance, code, step, effect, hint, retry}\`, where it helps
  \`errors\` (field and message), \`run_id\` and \`sql\`. The codes are [listed here](errors.md). Unknown query parameters and body fields are refused.
- **Idempotency-Key** on a POST: the same request under the same key is done once in 24 hours and answered the same
  (\`Idempotency-Replayed: true\`). Another request under it is 422; a repetition while the first is under way is 409. A refused
  request (400 and above) changed nothing and is not kept. If a process dies over a request, its key is free again after a minute.
- **ETag and If-Match**: a config is changed only as it was read: 428 without \`If-Match\`, 412 when it was changed since.
- **A body** is JSON of at most 1 MiB; other types are 415. Times are UTC, money is decimal text.
- An id that nobody has is 404, whatever it looks like.
`;
