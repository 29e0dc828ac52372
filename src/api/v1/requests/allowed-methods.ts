// Which methods an address takes, read from the document: what a 405 must say.
import type { OpenApiDocument } from '../openapi-document.ts';

/** e.g. ['GET', 'POST']; [] = there is no such address. */
export function allowedMethods(document: OpenApiDocument, path: string): string[] {
  const parts = path.split('/');
  const found = Object.entries(document.paths ?? {}).filter(([template]) => fits(template.split('/'), parts));
  const methods = found.flatMap(([, route]) => Object.keys(route).map((method) => method.toUpperCase()));
  return [...new Set(methods)].sort();
}

function fits(template: readonly string[], parts: readonly string[]): boolean {
  if (template.length !== parts.length) return false;
  return template.every((name, at) => name === parts[at] || (name.startsWith('{') && parts[at] !== ''));
}
