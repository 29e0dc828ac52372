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

/** Name of a page → its address; `?` of an item leads to its drawer. No two in a row are the same page, so that `follow` leads there. */
export function placesOf({ configId, runId, failedRunId, heldRunId, sourceId, itemId }: Known): Record<string, string> {
  return {
    home: '/',
    integration: `/integrations/${configId}`,
    run: `/runs/${runId}`,
    integrations: '/integrations',
    'run-failed': `/runs/${failedRunId}`,
    'integration-settings': `/integrations/${configId}/settings`,
    connect: '/integrations/new',
    'run-held': `/runs/${heldRunId}`,
    catalog: '/catalog',
    'connect-qu': '/integrations/new?connector=qu',
    history: '/history',
    'run-rejects': `/runs/${runId}?tab=rejects`,
    holds: '/holds',
    'run-duplicates': `/runs/${runId}?tab=duplicates`,
    'catalog-tree': `/catalog?view=tree&source=${sourceId}`,
    'run-log': `/runs/${runId}?tab=log`,
    rejects: '/rejects',
    'run-facts': `/runs/${runId}?tab=facts`,
    connectors: '/connectors',
    'run-settings': `/runs/${runId}?tab=settings`,
    'recipe-new': '/connectors/recipes/new',
    item: `/catalog?item=${sourceId}~products~${itemId}~`,
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
