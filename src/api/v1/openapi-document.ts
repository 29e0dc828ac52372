// The OpenAPI 3.1 document, made from the very schemas that validate.
import type { ApiApp } from './api-given.ts';

export type OpenApiDocument = ReturnType<ApiApp['getOpenAPI31Document']>;

const description = `Everything that tillsync keeps: configs, runs, items. Send \`Authorization: Bearer <api key>\`; make a key with
\`tillsync keys create\`. Browsers sign in (\`POST /api/v1/session\`) and carry a cookie instead. Lists answer \`{data, next}\`; \`next\` is the \`cursor\` of the following page. Errors are
problem+json (RFC 9457) with a stable \`code\`. A POST may carry an \`Idempotency-Key\`: the same request again within 24
hours gets the same answer and does nothing. Times are UTC, money is decimal text.`;

// Of each app, once somebody asks: it takes 30 ms, and the routes of an app that serves are the same for ever.
const made = new WeakMap<ApiApp, OpenApiDocument>();

/** The document of an app's routes, all of which are there by now. */
export function openApiDocument(app: ApiApp): OpenApiDocument {
  const document = made.get(app) ?? makeDocument(app);
  made.set(app, document);
  return document;
}

function makeDocument(app: ApiApp): OpenApiDocument {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'tillsync',
      version: '1',
      description,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    security: [{ apiKey: [] }],
  });
}
