// The server does not start with a route that says nothing about who may call it.

import type { Permission } from '../../../access/permission.ts';
import type { ApiApp } from '../api-given.ts';
import { publicRoutes } from './find-caller.ts';
import { permissionField } from './permit.ts';

// Of no installation, so for everybody: the document and its pages. `/*` are what all requests pass.
const open = new Set([
  '/api/openapi.json',
  '/api/docs',
  '/api/docs/style.css',
  '/api/docs/errors',
  '/api/v1/*',
  '/api/*',
]);

/** Throws an Error that names every route without a permission. */
export function refuseUndeclared(app: ApiApp): void {
  const declared = new Set<string>();
  const undeclared: string[] = [];
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { method, path } = definition.route;
    const name = `${method.toUpperCase()} /api${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    declared.add(name);
    const permission = (definition.route as { [permissionField]?: Permission })[permissionField];
    if (permission === undefined) undeclared.push(name);
    // Who proved nothing is let in only where both the route and the list of such addresses say so.
    if ((permission === 'public') !== publicRoutes.has(name)) undeclared.push(`${name} (public)`);
  }
  for (const { method, path } of app.routes) {
    if (!open.has(path) && !declared.has(`${method} ${path}`)) undeclared.push(`${method} ${path}`);
  }
  if (undeclared.length > 0)
    throw new Error(`these routes declare no permission: ${[...new Set(undeclared)].join(', ')}`);
}
