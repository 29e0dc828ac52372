// Every page of the web UI with the names of its pictures, and the way there.
import type { Page } from 'playwright-core';

export interface Known {
  configId: string;
  runId: string;
  failedRunId: string;
  heldRunId: string;
  sourceId: string;
  itemId: string;
}

/** Name of a page → its address; `?` of an item leads to its drawer. */
export function placesOf({ configId, runId, failedRunId, heldRunId, sourceId, itemId }: Known): Record<string, string> {
  return {
    home: '/',
    integrations: '/integrations',
    integration: `/integrations/${configId}`,
    'integration-settings': `/integrations/${configId}/settings`,
    connect: '/integrations/new',
    'connect-qu': '/integrations/new?connector=qu',
    history: '/history',
    holds: '/holds',
    run: `/runs/${runId}`,
    'run-failed': `/runs/${failedRunId}`,
    'run-held': `/runs/${heldRunId}`,
    'run-rejects': `/runs/${runId}?tab=rejects`,
    'run-duplicates': `/runs/${runId}?tab=duplicates`,
    'run-log': `/runs/${runId}?tab=log`,
    'run-facts': `/runs/${runId}?tab=facts`,
    'run-settings': `/runs/${runId}?tab=settings`,
    catalog: '/catalog',
    'catalog-tree': `/catalog?view=tree&source=${sourceId}`,
    item: `/catalog?item=${sourceId}~products~${itemId}~`,
    rejects: '/rejects',
    connectors: '/connectors',
    'recipe-new': '/connectors/recipes/new',
    hierarchy: '/hierarchy',
    'hierarchy-import': '/hierarchy/import',
    system: '/system',
    people: '/people',
    keys: '/keys',
    audit: '/audit',
    account: '/account',
    doctor: '/doctor',
    nowhere: '/nowhere',
  };
}

/**
 * Goes there as a link does, within the page that is loaded, which costs a third of loading it. Waits until the page before is
 * gone; so that must be another one, not only another address of the same.
 */
export async function follow(page: Page, address: string): Promise<void> {
  await page.evaluate(
    `for (const part of document.querySelectorAll('#page > :not([aria-live])')) part.setAttribute('data-before', '')`,
  );
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(address)})`);
  await page.locator('[data-before]').first().waitFor({ state: 'detached' });
}
