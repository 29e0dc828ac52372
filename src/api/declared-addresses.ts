// Who may call what lies outside the document of /api/v1: nothing is served that does not stand in one of the two.
import type { Hono } from 'hono';

/** 'METHOD /path' → who. Everything below /api/v1 is declared beside its route (v1/guards/permit.ts). */
const declaredAddresses: Readonly<Record<string, string>> = {
  'GET /healthz': 'everybody: it says that the process answers',
  'GET /readyz': 'everybody: it says whether the database answers',
  'GET /metrics': 'on loopback everybody, else who may read everything',
  'GET /api/openapi.json': 'on loopback everybody, else any caller',
  'GET /api/docs': 'on loopback everybody, else any caller',
  'GET /api/docs/*': 'on loopback everybody, else any caller',
  'GET /api/docs/style.css': 'on loopback everybody, else any caller',
  'GET /api/docs/errors': 'on loopback everybody, else any caller',
  'GET /*': 'everybody: the pages of the web UI and their files, which hold nothing of this installation',
  'ALL /hooks/:connector/:endpoint': 'whose webhook is signed with the secret of the endpoint',
};

// What all requests pass on their way.
const passed = new Set(['ALL /*', 'ALL /api/*', 'ALL /api/v1/*']);

/** Throws an Error that names every address which nothing declares. */
export function refuseUndeclaredAddresses(app: Hono): void {
  const undeclared = app.routes
    .map(({ method, path }) => `${method} ${path}`)
    .filter((name) => !passed.has(name) && !Object.hasOwn(declaredAddresses, name) && !/ \/api\/v1\//.test(name));
  if (undeclared.length > 0) throw new Error(`these addresses say nothing of who may call: ${undeclared.join(', ')}`);
}
