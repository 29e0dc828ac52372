// The page at /api/docs: every route of the document with what it takes and answers, as plain HTML without a script.
import type { OpenApiDocument } from '../openapi-document.ts';
import { type DescribedField, type DescribedRoute, describeRoutes, describeSchemas } from './describe-routes.ts';
import { escaped, htmlPage, prose } from './html.ts';

/** The page of a document. */
export function docsPage(document: OpenApiDocument): string {
  const routes = describeRoutes(document);
  const tags = [...new Set(routes.map((route) => route.tag))];
  const sections = tags.map(
    (tag) =>
      `<h2 id="${escaped(tag)}">${escaped(tag)}</h2>\n${routes
        .filter((route) => route.tag === tag)
        .map(routeText)
        .join('\n')}`,
  );
  const schemas = describeSchemas(document).map(({ name, fields }) =>
    folded(`<code>${escaped(name)}</code>`, table(fields)),
  );
  const links = [
    ...tags.map((tag) => `<a href="#${escaped(tag)}">${escaped(tag)}</a>`),
    '<a href="#schemas">schemas</a>',
  ];
  return htmlPage(
    'tillsync API',
    `<h1>tillsync API</h1>
<p>${prose(document.info.description ?? '')}</p>
<p><a href="/api/openapi.json">openapi.json</a> · <a href="/api/docs/errors">error codes</a></p>
<nav>${links.join(' · ')}</nav>
${sections.join('\n')}
<h2 id="schemas">schemas</h2>
${schemas.join('\n')}`,
  );
}

function routeText(route: DescribedRoute): string {
  const head = `<span class="method ${route.method.toLowerCase()}">${route.method}</span> <code>${escaped(route.path)}</code> <span>${prose(route.summary)}</span>`;
  const answers = route.answers.map(
    ({ status, description, type }) =>
      `<tr><td>${escaped(status)}</td><td>${prose(description)}</td><td><code>${escaped(type)}</code></td></tr>`,
  );
  return folded(
    head,
    `${route.description === '' ? '' : `<p>${prose(route.description)}</p>`}${table(route.fields)}
<table><thead><tr><th>answer</th><th>meaning</th><th>body</th></tr></thead><tbody>${answers.join('')}</tbody></table>`,
  );
}

function table(fields: readonly DescribedField[]): string {
  if (fields.length === 0) return '';
  const rows = fields.map(
    ({ name, place, type, required, description }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${escaped(place)}${required ? ', required' : ''}</td><td>${escaped(type)}</td><td>${prose(description)}</td></tr>`,
  );
  return `<table><thead><tr><th>field</th><th>in</th><th>type</th><th>meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function folded(head: string, content: string): string {
  return `<details><summary>${head}</summary><div>${content}</div></details>`;
}
