// Which page stands at which address; each page is loaded when it is first opened.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { Search } from './parts/use-filter.ts';
import { Crashed } from './shell/crashed.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Crashed,
  validateSearch: (search: Record<string, unknown>): Search =>
    Object.fromEntries(
      Object.entries(search).flatMap(([name, value]) =>
        // What a page takes away is gone, and no text.
        value === undefined ? [] : [[name, String(value)]],
      ),
    ),
});

const page = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, component });

const tree = root.addChildren([
  page(
    '/',
    lazyRouteComponent(() => import('./pages/home/home-page.tsx'), 'HomePage'),
  ),
  page(
    '/integrations',
    lazyRouteComponent(() => import('./pages/integrations/integrations-page.tsx'), 'IntegrationsPage'),
  ),
  page(
    '/integrations/$configId',
    lazyRouteComponent(() => import('./pages/integration/integration-page.tsx'), 'IntegrationPage'),
  ),
  page(
    '/integrations/$configId/settings',
    lazyRouteComponent(() => import('./pages/edit-config/edit-config-page.tsx'), 'EditConfigPage'),
  ),
  page(
    '/history',
    lazyRouteComponent(() => import('./pages/history/history-page.tsx'), 'HistoryPage'),
  ),
  page(
    '/holds',
    lazyRouteComponent(() => import('./pages/holds/holds-page.tsx'), 'HoldsPage'),
  ),
  page(
    '/catalog',
    lazyRouteComponent(() => import('./pages/catalog/catalog-page.tsx'), 'CatalogPage'),
  ),
  page(
    '/integrations/new',
    lazyRouteComponent(() => import('./pages/connect/connect-page.tsx'), 'ConnectPage'),
  ),
  page(
    '/connectors',
    lazyRouteComponent(() => import('./pages/connectors/connectors-page.tsx'), 'ConnectorsPage'),
  ),
  page(
    '/connectors/recipes/new',
    lazyRouteComponent(() => import('./pages/recipe/new-recipe-page.tsx'), 'NewRecipePage'),
  ),
  page(
    '/connectors/recipes/$recipeId',
    lazyRouteComponent(() => import('./pages/recipe/recipe-page.tsx'), 'RecipePage'),
  ),
  page(
    '/rejects',
    lazyRouteComponent(() => import('./pages/rejects/rejects-page.tsx'), 'RejectsPage'),
  ),
  page(
    '/hierarchy',
    lazyRouteComponent(() => import('./pages/hierarchy/hierarchy-page.tsx'), 'HierarchyPage'),
  ),
  page(
    '/hierarchy/import',
    lazyRouteComponent(() => import('./pages/hierarchy/import-page.tsx'), 'ImportPage'),
  ),
  page(
    '/people',
    lazyRouteComponent(() => import('./pages/people/people-page.tsx'), 'PeoplePage'),
  ),
  page(
    '/keys',
    lazyRouteComponent(() => import('./pages/keys/keys-page.tsx'), 'KeysPage'),
  ),
  page(
    '/audit',
    lazyRouteComponent(() => import('./pages/audit/audit-page.tsx'), 'AuditPage'),
  ),
  page(
    '/account',
    lazyRouteComponent(() => import('./pages/account/account-page.tsx'), 'AccountPage'),
  ),
  page(
    '/doctor',
    lazyRouteComponent(() => import('./pages/doctor/doctor-page.tsx'), 'DoctorPage'),
  ),
  page(
    '/system',
    lazyRouteComponent(() => import('./pages/system/system-page.tsx'), 'SystemPage'),
  ),
  // Drawn before the desk, by the shell.
  createRoute({ getParentRoute: () => root, path: '/link', component: () => null }),
  page(
    '/runs/$runId',
    lazyRouteComponent(() => import('./pages/run/run-page.tsx'), 'RunPage'),
  ),
]);

/** The router over the address bar. */
export function openRouter() {
  return createRouter({
    routeTree: tree,
    defaultPreload: 'intent',
    scrollRestoration: true,
    // Values stay text as they stand in the address: '?day=2026-11-22', not JSON.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch(search) {
      const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
      const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
      return text === '' ? '' : `?${text}`;
    },
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof openRouter>;
  }
}
