// Two configs of one source that are switched on at the same moment: one wins, and the other is told by whom.
import { expect, it } from 'vitest';
import { freshDatabase, openAgain } from '../../../test/support/database.ts';
import { depsOver } from '../../../test/support/deps-over.ts';
import { addQuConfig } from '../../../test/support/engine.ts';
import { until } from '../../../test/support/until.ts';
import { setConfig } from '../set-config.ts';

it('of two configs of one source that are switched on at once the second is refused by the name of the first', async () => {
  const { database, url } = await freshDatabase();
  let beforeCommit: (() => Promise<void>) | null = null;
  const first = await depsOver(
    await openAgain(url, {
      onStatement: async (statement) => {
        if (statement === 'commit') await beforeCommit?.();
      },
    }),
  );
  const second = await depsOver(database);
  const configs: string[] = [];
  for (const _ of [1, 2]) {
    const { configId } = await addQuConfig(first, 'http://127.0.0.1:9');
    await setConfig(first, { configId, isActive: false });
    configs.push(configId);
  }
  const [one = '', two = ''] = configs;
  let other: Promise<unknown> = Promise.resolve();
  beforeCommit = async () => {
    beforeCommit = null;
    other = setConfig(second, { configId: two, isActive: true }).catch((error: unknown) => error);
    await until('the other one waits', async () => {
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return (await database.query(waiting)).rowCount === 1;
    });
  };
  expect(await setConfig(first, { configId: one, isActive: true })).toMatchObject({ is_active: true });
  expect(await other).toMatchObject({ code: 'source_has_active_config', status: 409, facts: { config_id: one } });
});
