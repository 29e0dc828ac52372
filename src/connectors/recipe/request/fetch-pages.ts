// Fetching by a recipe: each request page by page, in order, until the paginator ends, with the proof that it was all.
import { hash } from 'node:crypto';
import { TillsyncError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { HttpAnswer, PostBody } from '../../../net/http-client.ts';
import { excerpt, redactor } from '../../../net/redact.ts';
import { withRetries } from '../../../net/retries.ts';
import type { FetchContext, FetchEnd, FetchedPage } from '../../connector.ts';
import { parsePage, wholePage } from '../format/read-page.ts';
import type { ReadyRecipe, ReadyRequest } from '../ready-recipe.ts';
import { proofOf, sentSecrets } from './auth.ts';
import {
  type Arrived,
  countPage,
  cursorAt,
  firstPage,
  nextPage,
  type PageQuestion,
  type Progress,
  valueAt,
  whyIncomplete,
} from './next-page.ts';
import { addressOf, bodyOf, formOf, headersOf } from './plan-request.ts';
import { runValues } from './run-values.ts';
import { fill, type Values } from './template.ts';

/** More pages than any catalog has: a paginator that never ends, does. */
const mostPages = 10_000;

interface Fetching {
  recipe: ReadyRecipe;
  context: FetchContext;
  base: URL;
  values: Values;
  /** Query members that ask for changes only; null = all is read. */
  changes: readonly [string, string][] | null;
  redact: (text: string) => string;
}

/** Yields every page of every request; see Connector.fetch. */
export async function* fetchPages(
  recipe: ReadyRecipe,
  context: FetchContext,
  base: URL,
): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const { settings, now } = context;
  const values = runValues(recipe.said, settings.params, now);
  const changes = changesOf(recipe, values, context.since?.cursor);
  const redact = redactor(sentSecrets(recipe.said.auth, settings));
  const fetching: Fetching = { recipe, context, base, values, changes, redact };
  const delta: Pick<FetchEnd, 'delta'> = changes === null ? {} : { delta: true };
  let cursor: string | null = null;
  for (const [index, request] of recipe.requests.entries()) {
    const end = yield* fetchRequest(fetching, request, (document) => {
      if (index === 0 && recipe.incremental !== null) cursor = cursorAt(recipe.incremental.cursor, document);
    });
    if (end !== null) return { complete: false, reason: excerpt(end, redact), ...delta };
  }
  return { complete: true, ...delta, ...(cursor === null ? {} : { remember: { cursor } }) };
}

function changesOf({ incremental }: ReadyRecipe, values: Values, cursor: Json | undefined): Fetching['changes'] {
  if (incremental === null || typeof cursor !== 'string') return null;
  return incremental.query.flatMap(([name, template]): [string, string][] => {
    const value = fill(template, { ...values, cursor });
    return value === null ? [] : [[name, value]];
  });
}

/** Returns why the request is not proved to be whole, or null when it is. */
async function* fetchRequest(
  fetching: Fetching,
  request: ReadyRequest,
  first: (document: Json) => void,
): AsyncGenerator<FetchedPage, string | null, void> {
  const asked = new Set<string>();
  const met = new Set<string>();
  let progress: Progress = { seen: 0, last: null, pages: 0 };
  let question: PageQuestion | null = firstPage(request);
  for (;;) {
    const name = JSON.stringify(question);
    if (asked.has(name)) return 'the POS leads back to a page that has come already';
    if (asked.size >= mostPages) return `there are more than ${mostPages} pages`;
    asked.add(name);
    const answer = await ask(fetching, request, question);
    const bytes = await wholePage(answer.body);
    checkBeginning(bytes, answer, fetching);
    const document = looksInside(fetching.recipe, request) ? parsePage(bytes, fetching.redact) : null;
    yield {
      body: pieces(request, bytes),
      meta: { status: answer.status, content_type: answer.headers.get('content-type'), page: asked.size },
    };
    if (asked.size === 1) first(document);
    const arrived: Arrived = { document, headers: answer.headers };
    const isAgain = isRepeated(request, arrived, met);
    progress = countPage(request, arrived, progress);
    question = nextPage(request, arrived, progress);
    const isKnown = question !== null && asked.has(JSON.stringify(question));
    if (isAgain && !isKnown) return 'the POS sends a page again that has come already, whatever is asked for';
    if (question === null) return whyIncomplete(request, arrived, progress);
  }
}

// A POS that knows nothing of the offset, or of the cursor, answers with its first page for ever.
function isRepeated({ said, paging }: ReadyRequest, { document }: Arrived, met: Set<string>): boolean {
  if (said.pages.by === 'none') return false;
  const list = paging.items === null ? document : valueAt(paging.items, document);
  if (Array.isArray(list) && list.length === 0) return false;
  const digest = hash('sha256', JSON.stringify(list));
  return met.has(digest) || met.add(digest).size === 0;
}

// One answer that is everything is read when it is formatted, and not twice. What is put into another document must be one.
function looksInside({ incremental }: ReadyRecipe, { name, said }: ReadyRequest): boolean {
  return name !== null || incremental !== null || said.pages.by !== 'none' || said.complete.when !== 'last_page';
}

async function* pieces({ name }: ReadyRequest, bytes: Buffer): AsyncGenerator<Uint8Array, void, void> {
  if (name === null) {
    yield bytes;
    return;
  }
  yield Buffer.from(`{"request":${JSON.stringify(name)},"answer":`);
  const hasByteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  yield hasByteOrderMark ? bytes.subarray(3) : bytes;
  yield Buffer.from('}');
}

/** One page, with an access token that is renewed once where the POS refuses it. */
async function ask(fetching: Fetching, request: ReadyRequest, question: PageQuestion): Promise<HttpAnswer> {
  const { accessToken, signal, onWait } = fetching.context;
  return await withRetries(
    async () => {
      const token = await accessToken?.();
      try {
        return await send(fetching, request, { question, token });
      } catch (error) {
        const isRefused =
          error instanceof TillsyncError && error.code === 'upstream_auth' && error.facts.status === 401;
        if (!isRefused || accessToken === undefined || token === undefined) throw error;
        return await send(fetching, request, { question, token: await accessToken(token) });
      }
    },
    { signal, onWait },
  );
}

interface Asked {
  question: PageQuestion;
  token: string | undefined;
}

async function send({ recipe, context, base, values, changes }: Fetching, request: ReadyRequest, asked: Asked) {
  const { members, link } = asked.question;
  const isPost = request.said.method === 'POST';
  const proof = proofOf(recipe.said.auth, context.settings.secrets, asked.token);
  const paged = isPost ? [] : members.map(([name, value]): [string, string] => [name, String(value)]);
  const more = [...(changes ?? []), ...paged, ...proof.query];
  const url =
    link === null ? addressOf(base, request.planned, { values, more }) : linkedAddress(link, base, proof.query);
  const headers = { ...headersOf(request.planned, values), ...proof.headers };
  const { http, signal } = context;
  const answer = isPost
    ? await http.post(url, { headers, signal, ...postBody(request, values, members) })
    : await http.get(url, { headers, signal });
  if (answer.status === 200) return answer;
  answer.discard();
  throw notAPage(`answered HTTP ${answer.status} without a page`, url);
}

function postBody({ said, planned }: ReadyRequest, values: Values, members: PageQuestion['members']): PostBody {
  return said.send === 'form' ? { form: formOf(planned, values, members) } : { json: bodyOf(planned, values, members) };
}

/** An address that an answer names: only at the origin of the base URL, and with the key where a query member bears it. */
function linkedAddress(link: string, base: URL, proof: readonly [string, string][]): URL {
  const url = URL.parse(link, base.href);
  if (url === null || url.origin !== base.origin || url.username !== '' || url.password !== '') {
    throw new TillsyncError(
      `The next page of the POS at ${base.origin} is said to lie at another address; not followed.`,
      {
        code: 'origin_refused',
        step: 'fetch',
        hint: 'If the POS has moved, put its new address into base_url.',
      },
    );
  }
  for (const [name, value] of proof) url.searchParams.set(name, value);
  url.hash = '';
  return url;
}

// A login page must not get as far as the payload vault.
function checkBeginning(bytes: Buffer, answer: HttpAnswer, { base, redact }: Fetching): void {
  const beginning = bytes.subarray(0, 1_000).toString('utf8');
  if (/^\uFEFF?\s*</.test(beginning)) {
    const type = excerpt(answer.headers.get('content-type') ?? 'no media type');
    throw notAPage(`sent a web page instead of a catalog (${type})`, base, excerpt(beginning, redact));
  }
  if (beginning.trim() === '') throw notAPage('sent an empty answer', base);
}

function notAPage(what: string, url: URL, received?: string): TillsyncError {
  const shown = received === undefined ? '' : ` Received: ${received}`;
  return new TillsyncError(`The POS at ${url.origin} ${what}.${shown}`, {
    code: 'upstream_no_catalog',
    step: 'fetch',
    hint: 'Check base_url and the identity settings of the config; a login page often stands where the API was expected.',
  });
}
