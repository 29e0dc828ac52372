// The order of test files: the slowest begin first, so that none of them runs on alone when all others are over.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = join(import.meta.dirname, '../..');

/** From 100 s down to 20 s, as measured with three at a time; vitest itself knows only how large a file is. */
const slowest = [
  'test/cli.story.test.ts',
  'test/cli-server.story.test.ts',
  'test/web/pages.story.test.ts',
  'test/web/flows/flows.story.test.ts',
  'test/web/hostile/hostile.story.test.ts',
  'test/faults/histories/histories.story.test.ts',
  'test/faults/histories/more-histories.story.test.ts',
  'test/docs-run.test.ts',
  'test/adopt/adopt-million.story.test.ts',
  'test/http/fuzz.story.test.ts',
  'test/adopted-sync.story.test.ts',
  'test/adopt/adopt-shapes.story.test.ts',
  'src/db/migrate/migrate.test.ts',
  'test/adopt/adopt-kill.story.test.ts',
  'test/fetches.story.test.ts',
  'test/people/users-cli.story.test.ts',
  'test/access/audit.story.test.ts',
  'test/faults/deaths/kill-nine.story.test.ts',
  'test/faults/every-statement.story.test.ts',
  'test/vault/keys-cli.story.test.ts',
  'test/access/row-security.story.test.ts',
  'test/faults/leases.story.test.ts',
  'test/gates.story.test.ts',
  'src/db/verify/broken-keys.test.ts',
  'test/vault/rotation.story.test.ts',
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
