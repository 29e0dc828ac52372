// Which methods an address takes, read from the declared routes: what a 405 must say.
import type { ApiApp } from '../api-given.ts';

/** e.g. ['GET', 'POST']; [] = there is no such address. */
export function allowedMethods(app: ApiApp, path: string): string[] {
  const parts = path.split('/');
  const methods = app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' && fits(`/api${definition.route.path}`.split('/'), parts)
      ? [definition.route.method.toUpperCase()]
      : [],
  );
  return [...new Set(methods)].sort();
}

function fits(template: readonly string[], parts: readonly string[]): boolean {
  if (template.length !== parts.length) return false;
  return template.every((name, at) => name === parts[at] || (name.startsWith('{') && parts[at] !== ''));
}
