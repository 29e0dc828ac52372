// Every way we know in which an answer of a POS is less than its catalog: empty, cut, throttled, partial or something else.
import { gzipSync } from 'node:zlib';
import { type Kind, kinds } from '../../../src/catalog/item.ts';
import type { FetchEnd } from '../../../src/connectors/connector.ts';
import type { FakeAnswer } from '../../../src/connectors/qu/fake-answers.ts';
import { seededRandom } from '../../../src/connectors/seeded-random.ts';
import type { Dish } from '../model-catalog.ts';
import { menuDocument } from './menu.ts';

export interface WrongAnswer {
  name: string;
  /** What the POS answers with, again and again; or the pages of a connector that reads several. */
  answer: FakeAnswer | { pages: unknown[]; end: FetchEnd | 'throws' };
  /** How the run must end; 'kept' = what came is saved and nothing is removed. */
  ends: 'failed' | 'held' | 'kept';
  /** The items that came, and the kinds that the answer spoke of, where that is saved. */
  came: readonly Dish[];
  spokeOf: ReadonlySet<Kind>;
}

type Refused = Pick<WrongAnswer, 'name' | 'answer'>;

/** Some hundred wrong answers of a POS whose catalog is `menu`; other seeds cut at other places. */
export function wrongAnswers(menu: readonly Dish[], seed: number): WrongAnswer[] {
  const random = seededRandom(seed);
  const refused = [...cuts(menu, random), ...statuses(menu), ...otherThings(menu), ...slowOnes()];
  return [
    ...refused.map((one) => ({ ...one, ends: 'failed' as const, came: [], spokeOf: new Set<Kind>() })),
    ...emptied(menu),
    ...silentKinds(menu),
    ...lostPages(menu, random),
    ...keyless(menu),
  ];
}

function cuts(menu: readonly Dish[], random: () => number): Refused[] {
  const text = JSON.stringify(menuDocument(menu));
  const some = (size: number) => [
    1,
    size - 1,
    ...Array.from({ length: 4 }, () => 1 + Math.floor(random() * (size - 2))),
  ];
  const zipped = gzipSync(text);
  return [
    ...(['length', 'chunked', 'clean'] as const).flatMap((framing) =>
      some(text.length).map((cutAt) => ({ name: `cut at ${cutAt}, ${framing}`, answer: { cutAt, framing } })),
    ),
    ...some(zipped.length).map((cutAt) => ({
      name: `gzip cut at ${cutAt}`,
      answer: { body: zipped.subarray(0, cutAt), headers: { 'content-encoding': 'gzip' } },
    })),
  ];
}

// With a body that would empty the tables, if anybody read it.
function statuses(menu: readonly Dish[]): Refused[] {
  const body = JSON.stringify(menuDocument([]));
  const half = JSON.stringify(menuDocument(menu.filter((_dish, n) => n % 2 === 0)));
  const plain = [201, 202, 203, 300, 400, 401, 403, 404, 410, 418, 500, 502, 503, 504];
  return [
    ...plain.map((status) => ({ name: `HTTP ${status}`, answer: { status, body } })),
    { name: 'HTTP 206 with half of the catalog', answer: { status: 206, body: half } },
    { name: 'HTTP 429 for a second', answer: { status: 429, headers: { 'retry-after': '1' }, body } },
    { name: 'HTTP 429 for an hour', answer: { status: 429, headers: { 'retry-after': '3600' }, body } },
    { name: 'HTTP 503 for an hour', answer: { status: 503, headers: { 'retry-after': '3600' }, body } },
    { name: 'HTTP 204', answer: '204' },
    { name: 'a redirect', answer: 'redirect' },
  ];
}

function otherThings(menu: readonly Dish[]): Refused[] {
  const whole = menuDocument(menu);
  const documents: Record<string, unknown> = {
    'an empty object': {},
    'an empty list': [],
    null: null,
    'an error object': { error: { code: 500 } },
    'an error beside empty lists': { ...menuDocument([]), error: 'menu is being published' },
    'hasError beside the catalog': { ...whole, hasError: true },
    'lists that are objects': { menuItems: {}, modifiers: {}, discounts: {} },
    'lists that are texts': { menuItems: '', modifiers: '', discounts: '' },
    'another API': { data: { items: [] } },
    'a page of the catalog inside another member': { result: whole },
  };
  return [
    ...Object.entries(documents).map(([name, document]) => ({ name, answer: { body: JSON.stringify(document) } })),
    { name: 'nothing', answer: { body: '' } },
    { name: 'a login page', answer: 'html' },
    { name: 'an error with status 200', answer: 'error200' },
    { name: 'garbage behind the end', answer: { body: `${JSON.stringify(whole)}]` } },
  ];
}

function slowOnes(): Refused[] {
  return (['drip', 'hang', 'hang-body', 'gzip-bomb'] as const).map((answer) => ({ name: answer, answer }));
}

/** Whole documents that lack most of a kind: nobody can tell them from a POS that lost its data, so a person decides. */
function emptied(menu: readonly Dish[]): WrongAnswer[] {
  const held = (name: string, came: readonly Dish[]): WrongAnswer => ({
    name,
    answer: { body: JSON.stringify(menuDocument(came)) },
    ends: 'held',
    came,
    spokeOf: new Set(kinds),
  });
  const third = (dish: Dish) => Number(dish.id?.slice(1)) % 3 === 0;
  return [
    held('empty', []),
    ...kinds.map((kind) =>
      held(
        `no ${kind}`,
        menu.filter((dish) => dish.kind !== kind),
      ),
    ),
    ...kinds.map((kind) =>
      held(
        `only ${kind}`,
        menu.filter((dish) => dish.kind === kind),
      ),
    ),
    ...kinds.map((kind) =>
      held(
        `a third of the ${kind}`,
        menu.filter((dish) => dish.kind !== kind || third(dish)),
      ),
    ),
    ...kinds.map((kind) =>
      held(`one of the ${kind} again and again`, [
        ...menu.filter((dish) => dish.kind !== kind),
        ...Array.from({ length: 6 }, () => menu.find((dish) => dish.kind === kind) as Dish),
      ]),
    ),
  ];
}

function silentKinds(menu: readonly Dish[]): WrongAnswer[] {
  return kinds.flatMap((silent) => {
    const spokeOf = new Set(kinds.filter((kind) => kind !== silent));
    const came = menu.filter(({ kind }) => kind !== silent);
    const document = menuDocument(came, spokeOf);
    const member = Object.keys(menuDocument([])).find((name) => !(name in document)) ?? '';
    return [document, { ...document, [member]: null }].map(
      (body, isNull): WrongAnswer => ({
        name: `${silent} are ${isNull ? 'null' : 'not spoken of'}`,
        answer: { body: JSON.stringify(body) },
        ends: 'kept',
        came,
        spokeOf,
      }),
    );
  });
}

/** A reader of pages that lost one, says that it is not complete, or breaks off. */
function lostPages(menu: readonly Dish[], random: () => number): WrongAnswer[] {
  const mixed = [...menu].map((dish) => ({ dish, at: random() })).sort((a, b) => a.at - b.at);
  const pages = [0, 1, 2, 3].map((page) => mixed.filter((_one, n) => n % 4 === page).map(({ dish }) => dish));
  const all = new Set(kinds);
  const documents = (of: Dish[][]) => of.map((page) => menuDocument(page));
  return pages.flatMap((_page, lost): WrongAnswer[] => {
    const rest = pages.filter((_other, n) => n !== lost);
    const end = { complete: false, reason: `page ${lost} is lost` };
    return [
      { name: end.reason, answer: { pages: documents(rest), end }, ends: 'kept', came: rest.flat(), spokeOf: all },
      {
        name: `the pages end after ${lost + 1}`,
        answer: { pages: documents(pages.slice(0, lost + 1)), end: { complete: false, reason: 'page limit' } },
        ends: 'kept',
        came: pages.slice(0, lost + 1).flat(),
        spokeOf: all,
      },
      {
        name: `page ${lost} breaks off`,
        answer: { pages: documents(pages.slice(0, lost)), end: 'throws' },
        ends: 'failed',
        came: [],
        spokeOf: new Set(),
      },
    ];
  });
}

/** Items whose key cannot be read may be any of those that are not there. */
function keyless(menu: readonly Dish[]): WrongAnswer[] {
  return kinds.map((kind) => {
    const of = menu.filter((dish) => dish.kind === kind);
    const came = [
      ...menu.filter((dish) => dish.kind !== kind),
      { ...(of[0] as Dish), id: null, path: null },
      ...of.slice(2),
    ];
    return {
      name: `one of the ${kind} without a key, one missing`,
      answer: { body: JSON.stringify(menuDocument(came)) },
      ends: 'kept',
      came,
      spokeOf: new Set(kinds),
    };
  });
}
