// An HTTP client whose answers do not hold the secrets that were sent: whatever a POS repeats, nobody behind it sees it.
import { type ErrorDetails, TillsyncError } from '../../errors.ts';
import { secretForms, textRedactor } from '../../known-secrets.ts';
import type { HttpAnswer, HttpClient } from '../http-client.ts';
import { secretParts } from '../redact.ts';
import { scrubBytes } from './scrub-bytes.ts';

/** The secrets of one fetch; tokens join them when they are issued. */
export interface EchoedSecrets {
  add(secret: string): void;
  /** Every form that may not stand in an answer. */
  forms(): readonly string[];
  /** Takes those out of a text of an answer. */
  clean(text: string): string;
  /** Takes them out of a text of the POS that an error tells: also short ones. */
  redact(text: string): string;
  /** Takes them out of a sentence of ours, which may hold such a text. */
  redactSentence(text: string): string;
}

// In an answer only what can be no word, number or id of a menu is taken out: the catalog must stay what it is.
const leastInAnswers = 12;
const leastInErrors = 4;
// A sentence of ours must stay one, whatever somebody chose as a password.
const leastInSentences = 8;

/** Gathers the secrets of a fetch. */
export function gatherSecrets(secrets: readonly string[]): EchoedSecrets {
  const all = new Set(secrets);
  let made: Made | null = null;
  const current = () => {
    made ??= make([...all]);
    return made;
  };
  return {
    add(secret) {
      if (!all.has(secret)) made = null;
      all.add(secret);
    },
    forms: () => current().forms,
    clean: (text) => current().clean(text),
    redact: (text) => current().redact(text),
    redactSentence: (text) => current().redactSentence(text),
  };
}

interface Made {
  forms: string[];
  clean(text: string): string;
  redact(text: string): string;
  redactSentence(text: string): string;
}

function make(secrets: readonly string[]): Made {
  const forms = secretParts(secrets, leastInAnswers)
    .filter((part) => !/^\d+$/.test(part))
    .flatMap(secretForms)
    .filter((form) => form.length >= leastInAnswers - 2);
  const from = (least: number) => textRedactor(secretParts(secrets, least).flatMap(secretForms));
  return { forms, clean: textRedactor(forms), redact: from(leastInErrors), redactSentence: from(leastInSentences) };
}

/** The same client; bodies, headers and errors come without the secrets. */
export function scrubHttp(http: HttpClient, secrets: EchoedSecrets): HttpClient {
  const { redact, redactSentence } = secrets;
  const scrubbed = async (sending: Promise<HttpAnswer>) => {
    try {
      return scrubAnswer(await sending, secrets);
    } catch (error) {
      throw scrubError(error, redactSentence);
    }
  };
  return {
    get: (url, options = {}) => scrubbed(http.get(url, { redact, ...options })),
    post: (url, options) => scrubbed(http.post(url, { redact, ...options })),
    close: () => http.close(),
  };
}

function scrubAnswer(answer: HttpAnswer, secrets: EchoedSecrets): HttpAnswer {
  const { clean } = secrets;
  return {
    ...answer,
    headers: {
      get(name) {
        const value = answer.headers.get(name);
        return value === null ? null : clean(value);
      },
    },
    body: { [Symbol.asyncIterator]: () => scrubBytes(answer.body, secrets.forms) },
    text: async (limit) => clean(await answer.text(limit)),
  };
}

/** The same error without the secrets in whatever it tells; anything but a TillsyncError is a bug and passes. */
export function scrubError(error: unknown, redact: (text: string) => string): unknown {
  if (!(error instanceof TillsyncError)) return error;
  const { code, step, retry, effect, hint, sql, status, exitCode, facts, cause } = error;
  const told = [error.message, effect, hint, JSON.stringify(facts) ?? ''];
  if (told.every((text) => redact(text) === text)) return error;
  const details: ErrorDetails = {
    ...{ code, step, retry, status, exitCode, cause },
    effect: redact(effect),
    hint: redact(hint),
    facts: scrubFacts(facts, redact) as Record<string, unknown>,
    ...(sql === undefined ? {} : { sql }),
  };
  return new TillsyncError(redact(error.message), details);
}

function scrubFacts(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((each) => scrubFacts(each, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [redact(name), scrubFacts(each, redact)]));
}
