// Empty, cut, throttled, partial and wrong answers after a good sync, some hundred of them: not one row is removed.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kinds } from '../../../src/catalog/item.ts';
import type { Connector } from '../../../src/connectors/connector.ts';
import { type FakeQu, startFakeQu } from '../../../src/connectors/qu/fake.ts';
import { TillsyncError } from '../../../src/errors.ts';
import { openHttp } from '../../../src/net/http-client.ts';
import type { Run } from '../../../src/records/runs/run.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { addQuConfig, openEngine, syncNow } from '../../support/engine.ts';
import { atOnce } from '../../support/faults/at-once.ts';
import { makeMenu, menuDocument } from '../../support/faults/menu.ts';
import { differences } from '../../support/faults/oracle.ts';
import { printCount, slowMachine } from '../../support/faults/print-count.ts';
import { type WrongAnswer, wrongAnswers } from '../../support/faults/wrong-answers.ts';
import { emptyRows, expectRun, type ModelRows } from '../../support/model.ts';
import type { Dish } from '../../support/model-catalog.ts';
import { withPages } from '../../support/paged-connector.ts';
import { readStored } from '../../support/stored-rows.ts';

const seed = 14;
const menu = makeMenu(seed, { products: 12, modifiers: 10, discounts: 6 });
// What the POS has by the time it answers wrongly: one item of each kind has another name.
const now = menu.map((dish) => (/^.3$/.test(dish.id ?? '') ? { ...dish, name: `new name of ${dish.id}` } : dish));
const all = new Set(kinds);
const whole = (dishes: readonly Dish[]) => ({ face: 'qu-document', mode: 'full', dishes, present: all }) as const;

let deps: Deps;
/** Gives up on a POS that takes its time, or sends without end. */
let impatient: Deps;
const started: FakeQu[] = [];
beforeAll(async () => {
  deps = await openEngine({ max: 20 });
  impatient = {
    ...deps,
    openHttp: () =>
      openHttp({ allowPrivateHosts: true, connectSeconds: 2, totalSeconds: 1, idleSeconds: 1, maxBytes: 5_000_000 }),
  };
});
afterAll(() => Promise.all(started.map((pos) => pos.stop())));

/** Deps whose connector breaks off after these pages, as one does whose POS refuses the next cursor. */
function thatBreakOff(pages: readonly unknown[]): Deps {
  const paged = withPages(deps, pages);
  const [id, connector] = [...paged.connectors][0] as [string, Connector];
  const breaking: Connector = {
    ...connector,
    async *fetch(context) {
      yield* connector.fetch(context);
      throw new TillsyncError('The POS refused the next page.', {
        code: 'upstream_status',
        step: 'fetch',
        hint: 'Wait.',
      });
    },
  };
  return { ...paged, connectors: new Map([[id, breaking]]) };
}

const isSlow = (answer: WrongAnswer['answer']) =>
  typeof answer === 'string' && ['drip', 'hang', 'hang-body', 'gzip-bomb'].includes(answer);

async function syncWith(pos: FakeQu, configId: string, { answer }: WrongAnswer): Promise<Run> {
  if (typeof answer === 'object' && 'pages' in answer) {
    const own = answer.end === 'throws' ? thatBreakOff(answer.pages) : withPages(deps, answer.pages, answer.end);
    return await syncNow(own, configId);
  }
  // 'truncated' and its like send what the pretend POS holds; the others bring their own body.
  pos.answer(answer);
  return await syncNow(isSlow(answer) ? impatient : deps, configId);
}

/** A source after a good sync of `menu`; its POS answers with `now` from then on. */
async function syncedSource(index: number) {
  const pos = await startFakeQu({ products: 1, modifiers: 1, discounts: 1 });
  started.push(pos);
  const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: `n${index}` });
  pos.answer({ body: JSON.stringify(menuDocument(menu)) });
  expect((await syncNow(deps, configId)).status).toBe('success');
  pos.edit((catalog) => Object.assign(catalog, menuDocument(now)));
  return { pos, configId, sourceId };
}

it(
  'F13, F14: no partial, empty, throttled or wrong answer removes a row, and none that would is a success',
  async () => {
    const first = expectRun(emptyRows(), whole(menu)).rows;
    const ends = { refused: 0, held: 0, 'kept without removals': 0, 'rows removed': 0 };
    const scenarios = wrongAnswers(now, seed);
    await atOnce(40, scenarios, async (scenario, index) => {
      const { name } = scenario;
      const { pos, configId, sourceId } = await syncedSource(index);
      const before = await readStored(deps.database, sourceId);
      const run = await syncWith(pos, configId, scenario);
      const removed = kinds.reduce((sum, kind) => sum + (run.counts?.[kind].removed ?? 0), 0);
      let model: ModelRows = first;
      if (scenario.ends === 'kept') {
        const isWhole = typeof scenario.answer !== 'object' || !('pages' in scenario.answer);
        const { came: dishes, spokeOf: present } = scenario;
        model = expectRun(first, { ...whole(dishes), mode: isWhole ? 'full' : 'merge', present }).rows;
        expect([name, run.error, ['success', 'partial'].includes(run.status), removed]).toEqual([name, null, true, 0]);
        ends['kept without removals'] += 1;
      } else {
        expect([name, run.status, run.items_synced]).toEqual([name, scenario.ends, 0]);
        expect([name, await readStored(deps.database, sourceId)]).toEqual([name, before]);
        if (run.status === 'failed') expect([name, run.error?.code === 'internal']).toEqual([name, false]);
        ends[run.status === 'held' ? 'held' : 'refused'] += 1;
      }
      expect([name, await differences(deps.database, sourceId, model)]).toEqual([name, []]);
      ends['rows removed'] += [...(await readStored(deps.database, sourceId)).values()].filter(
        (row) => row.removed,
      ).length;
      // The next good answer does remove what is gone: it was the answer, not the engine, that lacked the right to.
      const rest = now.filter(({ id }) => !/^.5$/.test(id ?? ''));
      pos.answer({ body: JSON.stringify(menuDocument(rest)) });
      // A POS that asked to be left alone for an hour is asked again at once here.
      await deps.database.query('delete from integration_rate_budgets where origin = $1', [pos.url]);
      const healed = await syncNow(deps, configId);
      expect([name, healed.status, healed.counts?.products.removed]).toEqual([name, 'success', 1]);
      expect([name, await differences(deps.database, sourceId, expectRun(model, whole(rest)).rows)]).toEqual([
        name,
        [],
      ]);
    });
    expect(scenarios.length).toBeGreaterThanOrEqual(60);
    expect(ends['rows removed']).toBe(0);
    printCount('no removal', { 'wrong answers': scenarios.length, ...ends });
  },
  slowMachine,
);
