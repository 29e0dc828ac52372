// Fetching by recipes: every paginator over GET and POST, proofs of completeness, tokens, addresses and what is refused.
import { afterAll, describe, expect, test } from 'vitest';
import { itemKey } from '../../../catalog/item.ts';
import { parseJson } from '../../../json.ts';
import { openHttp } from '../../../net/http-client.ts';
import { readOAuthToken } from '../../../net/manners/token-store.ts';
import type { FetchContext, FetchEnd } from '../../connector.ts';
import { startFakePos } from '../../fake-pos.ts';
import { connectorOf } from '../connector-of.ts';
import { fakeRecipe, type Paginator } from '../fake/fake-recipe.ts';
import { startFakeRecipePos } from '../fake.ts';
import { checkRecipe } from '../schema/read-recipe.ts';
import type { Recipe } from '../schema/recipe-schema.ts';

const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 1_000_000 });
afterAll(() => http.close());

async function fetchAll(recipe: Recipe, settings: FetchContext['settings'], since: FetchContext['since'] = null) {
  const connector = connectorOf(recipe);
  const { token } = connector;
  let held: string | null = null;
  const context: FetchContext = {
    settings,
    http,
    since,
    signal: new AbortController().signal,
    now: new Date('2026-01-02T03:04:05Z'),
    ...(token === undefined
      ? {}
      : {
          accessToken: async (refused?: string) => {
            if (held !== null && held !== refused) return held;
            const answer = await http.post(token.url(settings.params), token.request(settings, null));
            held = readOAuthToken(parseJson(await answer.text(10_000))).accessToken;
            return held;
          },
        }),
  };
  const keys: string[] = [];
  const fetching = connector.fetch(context);
  for (;;) {
    const step: IteratorResult<{ body: AsyncIterable<Uint8Array> }, FetchEnd> = await fetching.next();
    if (step.done) return { keys: keys.sort(), end: step.value };
    for await (const batch of connector.format(step.value.body, { params: settings.params })) {
      for (const each of batch) {
        if (each.type !== 'item') continue;
        keys.push(`${each.item.kind} ${itemKey(each.item.kind, each.item.externalId, each.item.pathId)}`);
      }
    }
  }
}

describe('pages', () => {
  const ways = (['none', 'cursor', 'offset', 'page', 'next_link', 'link_header'] as Paginator[]).map(
    (way) => [way, 'GET'] as const,
  );
  test.each([...ways, ['offset', 'POST'] as const, ['cursor', 'POST'] as const])(
    'by %s over %s all come, once each',
    async (paginator, method) => {
      const pos = await startFakeRecipePos({ products: 35, modifiers: 40, discounts: 20 }, paginator);
      const { keys, end } = await fetchAll(fakeRecipe(paginator, method), pos.settings);
      expect(end).toEqual({ complete: true });
      expect(keys).toEqual([...pos.expectedKeys()].sort());
      const asked = pos.requests.map(({ url }) => url);
      if (method === 'GET') expect(new Set(asked).size).toBe(asked.length);
      await pos.stop();
    },
  );

  test('F16: that lead back to one that came already end there, and prove nothing', async () => {
    for (const period of [1, 2, 10]) {
      let asked = 0;
      const pos = await startFakePos({
        handle: () => ({ status: 200, body: { items: [{ id: ++asked }], next: `c${asked % period}` } }),
        refusal: () => ({ status: 429 }),
      });
      const recipe = plain({ pages: { by: 'cursor', from: 'next', param: 'c' } });
      const { end } = await fetchAll(recipe, settingsFor(pos.url));
      expect(end).toEqual({ complete: false, reason: 'the POS leads back to a page that has come already' });
      // The first page has no cursor; each of the others was asked for once.
      expect(pos.requests.length).toBe(period + 1);
      await pos.stop();
    }
  });

  test('F14: are not complete when fewer came than the POS says, and say so', async () => {
    const pos = await startAnswers([{ items: [{ id: 1 }], total: 3 }]);
    const recipe = plain({ complete: { when: 'total', total: 'total', items: 'items' } });
    const { end } = await fetchAll(recipe, settingsFor(pos.url));
    expect(end).toEqual({ complete: false, reason: '1 elements came, and the POS says that there are 3' });
    await pos.stop();
  });

  test('that lead back to one that has come end there, and are not complete', async () => {
    const pos = await startAnswers([{ items: [{ id: 1 }], next: 'a' }]);
    const { end } = await fetchAll(plain({ pages: { by: 'cursor', from: 'next', param: 'c' } }), settingsFor(pos.url));
    expect(end).toEqual({ complete: false, reason: 'the POS leads back to a page that has come already' });
    await pos.stop();
  });

  test('of a POS that answers with the same elements for ever end at the second, and prove nothing', async () => {
    for (const pages of [
      { by: 'offset', items: 'items', param: 'o' },
      { by: 'page', items: 'items', param: 'p' },
      { by: 'cursor', from: 'next', param: 'c' },
      { by: 'next_link', from: 'link' },
    ]) {
      let asked = 0;
      const pos = await startFakePos({
        // What moves with each answer are the cursor, the address and the time; of a cursor the page as a whole has to come again.
        handle: () => {
          const moving = pages.by === 'cursor' || pages.by === 'next_link' ? asked++ % 3 : asked++;
          return { status: 200, body: { items: [{ id: 1 }], next: `c${asked}`, link: `/?n=${asked}`, moving } };
        },
        refusal: () => ({ status: 429 }),
      });
      const complete = { when: 'total', total: 'total', items: 'items' };
      const { end } = await fetchAll(plain({ pages, complete }), settingsFor(pos.url));
      const reason = 'the POS sends a page again that has come already, whatever is asked for';
      expect([pages.by, end, asked]).toEqual([pages.by, { complete: false, reason }, 2]);
      await pos.stop();
    }
  });

  test('at another origin are not followed', async () => {
    const pos = await startAnswers([{ items: [], next: 'http://127.0.0.1:9/stolen' }]);
    const run = fetchAll(plain({ pages: { by: 'next_link', from: 'next' } }), settingsFor(pos.url));
    await expect(run).rejects.toMatchObject({ code: 'origin_refused' });
    await pos.stop();
  });
});

describe('a request', () => {
  test('encodes what a config says, leaves out what it does not, and proves itself', async () => {
    const pos = await startAnswers([{ items: [] }]);
    const recipe = plain(
      {
        path: '/v1/{store}/list',
        query: { a: '{store}', b: '{more}', day: '{run_date}', n: 3 },
        headers: { 'X-Lang': '{more}' },
      },
      { auth: { kind: 'api_key', query: 'key' } },
    );
    await fetchAll(recipe, settingsFor(pos.url, 'a/b ?&é'));
    expect(pos.requests.map(({ url, headers }) => [url, headers['x-lang']])).toEqual([
      ['/v1/a%2Fb%20%3F%26%C3%A9/list?a=a%2Fb%20%3F%26%C3%A9&day=2026-01-02&n=3&key=sesame', undefined],
    ]);
    await pos.stop();
  });

  test('F41: can neither climb out of its path nor break a header', async () => {
    const pos = await startAnswers([{ items: [] }]);
    const climbing = fetchAll(plain({ path: '/v1/{store}/list' }), settingsFor(pos.url, '..'));
    await expect(climbing).rejects.toMatchObject({ code: 'settings_invalid' });
    const breaking = fetchAll(plain({ headers: { 'X-Store': '{store}' } }), settingsFor(pos.url, 'a\r\nHost: evil'));
    await expect(breaking).rejects.toMatchObject({ code: 'header_refused' });
    expect(pos.requests).toEqual([]);
    await pos.stop();
  });

  test('sends the JSON of a POST with numbers where the recipe says so', async () => {
    const pos = await startAnswers([{ items: [] }]);
    const body = { venue: '{store}', days: '{number:more}', deep: [{ at: '{run_time}' }], left: '{less}' };
    const recipe = plain({ method: 'POST', body }, { params: { store: {}, more: {}, less: { required: false } } });
    const settings = settingsFor(pos.url);
    await fetchAll(recipe, { ...settings, params: { ...settings.params, more: '7' } });
    expect(JSON.parse(pos.requests[0]?.body ?? '')).toEqual({ venue: '17', days: 7, deep: [{ at: '03:04:05' }] });
    await pos.stop();
  });

  test('sends a form where the recipe says so, page by page, encoded, without what a config does not say', async () => {
    const pos = await startAnswers([{ items: [{ id: 1 }], next: 'ü&2' }, { items: [{ id: 2 }] }]);
    const body = { venue: '{store}', days: '{number:more}', deep: true, none: null, left: '{less}', page: 1 };
    const pages = { by: 'cursor', from: 'next', param: 'from' };
    const params = { store: {}, more: {}, less: { required: false } };
    const recipe = plain({ method: 'POST', send: 'form', body, pages }, { params });
    const settings = settingsFor(pos.url, 'a b&c=d');
    const { keys, end } = await fetchAll(recipe, { ...settings, params: { ...settings.params, more: '7' } });
    expect([keys, end]).toEqual([['products 1', 'products 2'], { complete: true }]);
    expect(pos.requests.map(({ headers }) => headers['content-type'])).toEqual([
      'application/x-www-form-urlencoded',
      'application/x-www-form-urlencoded',
    ]);
    expect(pos.requests.map(({ body: sent }) => sent)).toEqual([
      'venue=a+b%26c%3Dd&days=7&deep=true&page=1',
      'venue=a+b%26c%3Dd&days=7&deep=true&page=1&from=%C3%BC%262',
    ]);
    await pos.stop();
  });

  test('sends no list as a form, and no form by GET', () => {
    const of = (request: object) => () => connectorOf(plain({ send: 'form', ...request }));
    expect(of({ method: 'POST', body: { a: 'x', list: [1] } })).toThrow('requests[0].body.list of the recipe');
    expect(of({})).toThrow('requests[0].send of the recipe is not usable: a GET sends no form');
  });

  test('renews a token that the POS refuses, once', async () => {
    const pos = await startFakeRecipePos({ products: 5, modifiers: 5, discounts: 5 });
    const recipe = fakeRecipe();
    const connector = connectorOf(recipe);
    const tokens = ['stale'];
    const accessToken = async (refused?: string) => {
      if (refused === undefined) return tokens.at(-1) as string;
      const answer = await http.post(
        new URL(`${pos.url}/oauth/token`),
        connector.token?.request(pos.settings, null) ?? { form: {} },
      );
      tokens.push(readOAuthToken(parseJson(await answer.text(10_000))).accessToken);
      return tokens.at(-1) as string;
    };
    const context = {
      settings: pos.settings,
      http,
      signal: new AbortController().signal,
      now: new Date(),
      accessToken,
    };
    let pages = 0;
    for await (const page of connector.fetch(context)) {
      for await (const piece of page.body) pages += piece.length > 0 ? 1 : 0;
    }
    expect(pages).toBeGreaterThan(0);
    expect(tokens).toHaveLength(2);
    await pos.stop();
  });

  test('remembers no cursor that fits into no address, and gets no token at another host than it says', async () => {
    const pos = await startAnswers([{ items: [], now: 'c'.repeat(4_001) }]);
    const incremental = { cursor: 'now', query: { since: '{cursor}' } };
    expect((await fetchAll(plain({}, { incremental }), settingsFor(pos.url))).end).toEqual({ complete: true });
    await pos.stop();
    for (const token_url of [
      '//evil.example/token',
      '/\\evil.example/token',
      'http://evil.example/token',
      '/{store}',
    ]) {
      const auth = { kind: 'oauth2_client_credentials', token_url };
      expect(() => plain({}, { auth }), token_url).toThrow('auth.token_url of the recipe is not usable');
    }
  });

  test('asks for changes with the cursor that the POS gave, and remembers the next', async () => {
    const pos = await startAnswers([{ items: [{ id: 1 }], now: 'c-2' }]);
    const recipe = plain({}, { incremental: { cursor: 'now', query: { since: '{cursor}' } } });
    const whole = await fetchAll(recipe, settingsFor(pos.url));
    expect(whole.end).toEqual({ complete: true, remember: { cursor: 'c-2' } });
    const changes = await fetchAll(recipe, settingsFor(pos.url), { cursor: 'c-1' });
    expect(changes.end).toEqual({ complete: true, delta: true, remember: { cursor: 'c-2' } });
    expect(pos.requests.map(({ url }) => url)).toEqual(['/', '/?since=c-1']);
    await pos.stop();
  });
});

function plain(request: object, more: object = {}): Recipe {
  const products = { each: [{ path: 'items' }], key: 'id' };
  return checkRecipe({
    ...{ recipe: 1, id: 'toy', title: 'Toy', params: { store: {}, more: { required: false } }, identity: ['store'] },
    ...{ removal: 'absence', requests: [{ products, ...request }], ...more },
  });
}

function settingsFor(url: string, store = '17'): FetchContext['settings'] {
  return { params: { store, base_url: url }, secrets: { api_key: 'sesame' } };
}

/** Answers with these documents in turn, the last one for ever. */
async function startAnswers(documents: readonly object[]) {
  let at = 0;
  const handle = () => ({ status: 200, body: documents[Math.min(at++, documents.length - 1)] });
  return await startFakePos({ handle, refusal: () => ({ status: 429, headers: { 'retry-after': '1' } }) });
}
