// Test connection: settings, name, connection, login, permission, first page and its items, one after the other, nothing stored.
import type { Connector, FetchContext } from '../../connectors/connector.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import type { Admit } from '../configs/bind-source.ts';
import type { Deps } from '../deps.ts';
import { setConfig } from '../set-config.ts';
import { openFetch } from '../upstream/open-fetch.ts';
import {
  type CheckedStep,
  type CheckReport,
  type CheckStepName,
  checkStepNames,
  failed,
  passed,
  skipped,
} from './check-step.ts';
import { type CheckTarget, readSettingsToCheck, type SettingsToCheck, withIdentity } from './settings-to-check.ts';
import { type FirstPage, tryFirstPage } from './try-first-page.ts';

/** A person looks at it: whatever hangs longer is an answer, too. */
const mostSeconds = 90;

type Checking = Pick<Deps, 'database' | 'connectors' | 'vault' | 'openHttp'>;

/**
 * Tries the settings step by step, as a run would go: in turn with all workers, past the breaker, with the stored token.
 * Yields each step as it ends and stops at the first that fails; returns the whole report. An abort of `signal` throws its
 * reason; throws TillsyncError config_unknown, connector_unknown.
 */
export async function* checkConnection(
  deps: Checking,
  target: CheckTarget,
  signal: AbortSignal,
): AsyncGenerator<CheckedStep, CheckReport, void> {
  const report: CheckReport = { ok: false, steps: [], items: [], counts: null, discovered: null };
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(checkTooSlow()), mostSeconds * 1_000);
  const both = AbortSignal.any([signal, overdue.signal]);
  let connector: Connector | null = null;
  try {
    for await (const step of steps(deps, { target, report, signal: both, onConnector: (its) => (connector = its) })) {
      signal.throwIfAborted();
      report.steps.push(step);
      yield step;
      if (!step.ok) break;
    }
  } finally {
    clearTimeout(timer);
  }
  report.ok = report.steps.every(({ ok }) => ok);
  if (!report.ok) report.steps.push(...notTried(connector, report.steps).map(skipped));
  return report;
}

/** The same at its end, and with `save` the identity that the POS told is written into the config, which makes its source. */
export async function checkToEnd(
  deps: Checking,
  of: {
    target: CheckTarget;
    save?: boolean;
    signal: AbortSignal;
    onStep?: (step: CheckedStep) => void;
    /** As in ConfigToSet. */
    admit?: Admit;
  },
): Promise<CheckReport & { saved: boolean }> {
  const checking = checkConnection(deps, of.target, of.signal);
  let next = await checking.next();
  for (; !next.done; next = await checking.next()) of.onStep?.(next.value);
  const report = next.value;
  const { ok, discovered } = report;
  if (!of.save || !ok || discovered === null || !('configId' in of.target)) return { ...report, saved: false };
  await setConfig(deps, { configId: of.target.configId, params: discovered, admit: of.admit });
  return { ...report, saved: true };
}

interface Steps {
  target: CheckTarget;
  report: CheckReport;
  signal: AbortSignal;
  onConnector: (connector: Connector) => void;
}

async function* steps(deps: Checking, of: Steps): AsyncGenerator<CheckedStep, void, void> {
  const { report, signal } = of;
  let settings: SettingsToCheck;
  let way: Pick<FetchContext, 'http' | 'accessToken'>;
  try {
    settings = await readSettingsToCheck(deps, of.target);
    of.onConnector(settings.connector);
    way = await openFetch(deps, settings, { signal });
  } catch (error) {
    // What is not there is no settings.
    if (error instanceof TillsyncError && isUnknown(error)) throw error;
    yield failed('settings', error);
    return;
  }
  const { connector, unknown } = settings;
  const context = { ...way, signal, now: new Date(), since: null };
  try {
    yield passed('settings', settingsMessage(settings));
    yield* reachSteps(deps, settings, signal);
    if (connector.check !== undefined) {
      const identity = yield* ownSteps(settings, context);
      const news = Object.entries(identity).filter(([name]) => unknown.includes(name));
      if (news.length > 0) report.discovered = Object.fromEntries(news);
    }
    yield* pageSteps({ ...settings, params: knownParams(settings, report) }, { context, report });
  } catch (error) {
    yield failed('identity', error);
  } finally {
    await way.http.close();
  }
}

function isUnknown({ code }: TillsyncError): boolean {
  return code === 'config_unknown' || code === 'connector_unknown';
}

function knownParams(settings: SettingsToCheck, { discovered }: CheckReport): SettingsToCheck['params'] {
  return settings.unknown.length === 0 ? settings.params : withIdentity(settings, discovered ?? {});
}

function settingsMessage({ connector, unknown }: SettingsToCheck): string {
  if (unknown.length === 0) return `The settings for ${connector.title} are complete.`;
  return `The settings for ${connector.title} are complete but for ${unknown.join(', ')}, which the POS is asked for.`;
}

/** Whether the POS can be reached at all: its name, then a connection. */
async function* reachSteps(
  deps: Checking,
  { connector, params }: SettingsToCheck,
  signal: AbortSignal,
): AsyncGenerator<CheckedStep, void, void> {
  const http = deps.openHttp();
  const origin = connector.origin(params);
  const { hostname } = new URL(origin);
  let step: CheckStepName = 'dns';
  try {
    const addresses = await http.reach.findAddresses(origin);
    const isAddress = addresses.length === 1 && hostname.includes(addresses[0] ?? '');
    yield passed('dns', isAddress ? `${hostname} is an address.` : `${hostname} leads to ${listed(addresses)}.`);
    step = 'connect';
    const { tls, validUntil } = await http.reach.connect(origin, signal);
    const until =
      validUntil === null ? '' : `; its certificate is valid until ${validUntil.toISOString().slice(0, 10)}`;
    yield passed(
      'connect',
      tls === null ? `${origin} answers, without encryption.` : `${origin} answers with ${tls}${until}.`,
    );
  } catch (error) {
    yield failed(step, error);
  } finally {
    await http.close();
  }
}

function listed(addresses: readonly string[]): string {
  const shown = addresses.slice(0, 3).join(', ');
  return addresses.length > 3 ? `${shown} and ${addresses.length - 3} more` : shown;
}

/** What the connector tries itself; returns the identity that the POS told. */
async function* ownSteps(
  settings: SettingsToCheck,
  context: Omit<FetchContext, 'settings'>,
): AsyncGenerator<CheckedStep, Record<string, string>, void> {
  const { connector, params, secrets } = settings;
  const identity: Record<string, string> = {};
  let last: CheckStepName = 'login';
  try {
    for await (const { step, ok, message, hint, identity: told } of connector.check?.({
      ...context,
      settings: { params, secrets },
    }) ?? []) {
      last = step;
      const other = ok ? otherIdentity(settings, told ?? {}) : null;
      if (other !== null) yield failed('identity', other);
      Object.assign(identity, told);
      yield { step, ok, skipped: false, message, hint: ok ? null : (hint ?? null), code: null };
    }
  } catch (error) {
    yield failed(stepOfRefusal(error) ?? last, error);
  }
  return identity;
}

/** The credentials belong to another account than the settings name. */
function otherIdentity({ params }: SettingsToCheck, told: Readonly<Record<string, string>>): TillsyncError | null {
  for (const [name, value] of Object.entries(told)) {
    const set = params[name];
    if (set === undefined || String(set) === value) continue;
    return inputError(
      'identity_differs',
      `The credentials belong to ${name} ${value}, but the settings say ${String(set)}.`,
      `Use credentials of ${String(set)}, or set ${name} to ${value} with --new-source.`,
    );
  }
  return null;
}

// 401 is about who asks, 403 about what he may do.
function stepOfRefusal(error: unknown): 'login' | 'permission' | null {
  if (!(error instanceof TillsyncError)) return null;
  if (error.code === 'upstream_auth') return error.facts.status === 403 ? 'permission' : 'login';
  return error.code === 'token_refused' || error.code === 'secret_missing' ? 'login' : null;
}

async function* pageSteps(
  settings: SettingsToCheck,
  { context, report }: { context: Omit<FetchContext, 'settings'>; report: CheckReport },
): AsyncGenerator<CheckedStep, void, void> {
  let page: FirstPage;
  try {
    page = await tryFirstPage(settings, context);
  } catch (error) {
    const isFormat = error instanceof TillsyncError && error.step === 'format';
    if (isFormat) yield* arrived(settings, report, 'The first page of the catalog came.');
    yield failed(isFormat ? 'items' : (stepOfRefusal(error) ?? 'page'), error);
    return;
  }
  const size = `${page.bytes.toLocaleString('en-US')} bytes${page.isCut ? ' of it were read' : ''}`;
  yield* arrived(settings, report, `The first page of the catalog came (${size}).`);
  report.items = page.items;
  report.counts = page.counts;
  yield itemsStep(page);
}

/** A page that came proves the login, where the connector had no step for it. */
function* arrived(
  { secrets }: SettingsToCheck,
  { steps }: CheckReport,
  message: string,
): Generator<CheckedStep, void, void> {
  if (!steps.some(({ step }) => step === 'login')) {
    const isAnonymous = Object.keys(secrets).length === 0;
    yield passed('login', isAnonymous ? 'The POS asks for no credentials.' : 'The POS accepts the credentials.');
  }
  yield passed('page', message);
}

function itemsStep({ counts, firstReject }: FirstPage): CheckedStep {
  const { items, rejected, filtered } = counts;
  const aside = [
    ...(rejected > 0 ? [`${rejected} rejected (the first: ${firstReject})`] : []),
    ...(filtered > 0 ? [`${filtered} left out by the settings`] : []),
  ];
  const message = [items === 0 ? 'It holds no item' : `${items} items`, ...aside].join(', ');
  if (items > 0 || rejected === 0) return passed('items', `${message}.`);
  return failed(
    'items',
    new TillsyncError(`${message}.`, {
      code: 'nothing_usable',
      step: 'format',
      hint: 'The POS answers in another form than this connector reads; check base_url and the version of its API.',
    }),
  );
}

function notTried(connector: Connector | null, tried: readonly CheckedStep[]): CheckStepName[] {
  const last = checkStepNames.indexOf(tried.at(-1)?.step ?? 'settings');
  const isOwn = (step: CheckStepName) => step === 'permission' || step === 'identity';
  // Which of its own steps a connector has is not known before it comes to them.
  return checkStepNames.filter(
    (step, at) => at > last && !(isOwn(step) && connector?.check === undefined) && step !== 'identity',
  );
}

function checkTooSlow(): TillsyncError {
  return new TillsyncError(`The test did not come to its end within ${mostSeconds} s.`, {
    code: 'check_too_slow',
    step: 'fetch',
    retry: 'later',
    hint: 'The POS or the way to it is slow, or limits requests; try again later.',
  });
}
