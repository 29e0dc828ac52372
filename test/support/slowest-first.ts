// The order of test files: the slowest begin first, so that none of them runs on alone when all others are over.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = join(import.meta.dirname, '../..');

/** From 110 s down to 9 s, as measured with three at a time; vitest itself knows only how large a file is. */
const slowest = [
  'test/web/flows/flows.story.test.ts',
  'test/web/looks.story.test.ts',
  'test/faults/histories/histories.story.test.ts',
  'test/adopted-sync.story.test.ts',
  'test/cli-server.story.test.ts',
  'test/faults/histories/more-histories.story.test.ts',
  'test/web/hostile/hostile.story.test.ts',
  'test/cli.story.test.ts',
  'test/adopt/adopt-million.story.test.ts',
  'test/docs-run.test.ts',
  'test/fetches.story.test.ts',
  'test/web/edit.story.test.ts',
  'test/http/fuzz.story.test.ts',
  'test/web/pages.story.test.ts',
  'test/web/recipes.story.test.ts',
  'src/connectors/connector-contract.test.ts',
  'test/adopt/adopt-kill.story.test.ts',
  'test/faults/leases.story.test.ts',
  'test/adopt/adopt-shapes.story.test.ts',
  'test/pos/serve-pos.story.test.ts',
  'test/faults/proxy/proxy.story.test.ts',
  'test/web/live.story.test.ts',
  'test/faults/deaths/kill-nine.story.test.ts',
  'test/web/detail.story.test.ts',
  'test/redaction/redaction.story.test.ts',
  'test/web/system.story.test.ts',
  'test/embedded.story.test.ts',
  'test/faults/ended-connections.story.test.ts',
  'test/http/browser.story.test.ts',
  'test/faults/database-states.story.test.ts',
  'test/http/events.story.test.ts',
  'test/vault/rotation.story.test.ts',
  'test/queue/worker.story.test.ts',
  'test/web/now.story.test.ts',
  'test/faults/every-statement.story.test.ts',
  'test/faults/silence/silence.story.test.ts',
  'test/faults/stops/stops.story.test.ts',
  'test/web/demo.story.test.ts',
  'test/model.story.test.ts',
  'src/db/migrate/killed-migration.test.ts',
  'test/faults/restarts/restarts.story.test.ts',
  'test/access/audit.story.test.ts',
  'test/faults/deaths/in-process.story.test.ts',
  'test/cli-remote.story.test.ts',
  'test/import-memory.story.test.ts',
  'test/faults/hosts/hosts.story.test.ts',
  'test/embedded-places.story.test.ts',
  'test/connectors.story.test.ts',
  'test/api.story.test.ts',
].map((path) => join(root, path));

/** Throws when a file of the list is gone. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = slowest.find((path) => !existsSync(path));
    if (gone !== undefined) throw new Error(`${gone} is gone: take it off the list of test/support/slowest-first.ts`);
    const rank = ({ moduleId }: TestSpecification) => {
      const found = slowest.indexOf(moduleId);
      return found === -1 ? slowest.length : found;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
