// The contract between the engine and one kind of POS; a connector is exactly one folder beside this file.
import type { z } from 'zod';
import type { Formatted, Kind } from '../catalog/item.ts';
import type { Json } from '../json.ts';
import type { HttpClient, PostBody } from '../net/http-client.ts';
import type { RateRule } from '../net/manners/rate-budget.ts';
import type { IssuedToken } from '../net/manners/token-store.ts';

/** The merged settings of a runnable config: plain params, and secrets by field name (decrypted, in memory only). */
export interface ConnectorSettings {
  params: Readonly<Record<string, unknown>>;
  secrets: Readonly<Record<string, string>>;
}

/** One raw answer of the POS. The body is bytes in pieces: it is never held as one string. */
export interface FetchedPage {
  body: AsyncIterable<Uint8Array>;
  /** Media type and the like, for the log; never secrets. */
  meta: Readonly<Record<string, string | number | boolean | null>>;
}

/** What a connector gives to remember until its next fetch. The engine stores it and never looks inside. */
export interface Remembered {
  /** Where reading changes begins next time: as the POS issued it, never a clock of ours. */
  cursor?: Json;
  /** What a cheap question is asked with, e.g. an ETag, a generation time, the newest version. */
  probe?: Json;
}

/** Ends a fetch: whether it proved itself complete, and why not. */
export interface FetchEnd {
  complete: boolean;
  reason?: string;
  /** The pages hold only what changed since `since.cursor`, complete or not: absence from them means nothing. */
  delta?: true;
  /** The POS proved by `since.probe` that nothing changed since; no page was yielded. */
  unchanged?: true;
  /**
   * For the next fetch; stored by the transaction that saves this one, so a fetch whose run is not saved is repeated from
   * the old cursor. After `delta` and `unchanged`, what is left out stays as it was.
   */
  remember?: Remembered;
}

export interface FetchContext {
  settings: ConnectorSettings;
  /** In turn with all workers, and only to the config's own origin; see net/manners/. */
  http: HttpClient;
  /**
   * The access token in force, for connectors with a `token` rule; renewed by one of all workers where it is due. Hand in
   * the one that the POS has just refused (401) to have it renewed, once.
   */
  accessToken?(refused?: string): Promise<string>;
  signal: AbortSignal;
  /** The run's start, for as-of parameters; the only clock a connector gets. */
  now: Date;
  /**
   * What the last saved fetch gave to remember, by the same connector version and settings. Null or absent = read all: there
   * is none, a whole read is due, or another program has written to the tables since. Using it is the connector's choice.
   */
  since?: Remembered | null;
  /** Called before a wait that the POS asked for or that a transient error makes sensible; the run shows it. */
  onWait?(milliseconds: number, error: Error): void;
}

export interface FormatContext {
  params: Readonly<Record<string, unknown>>;
  /**
   * What earlier pages of the same fetch left for later ones, such as modifier lists that later items refer to; one map per
   * pass over the pages, which come in the order in which \`fetch\` yielded them. Absent = the page stands alone.
   */
  earlier?: Map<string, unknown>;
  /** Takes the secrets in use out of foreign text that goes into an error; default: by their look only. */
  redact?(text: string): string;
}

/** One problem that `format` saw in the document around the items. */
export interface DocumentProof {
  /** Whether the document's end and its own error fields say that it is whole. */
  complete: boolean;
  reason?: string;
  /** Kinds that the document answered at all; a kind that is absent is not looked at (nothing of it is removed). */
  kindsPresent: readonly Kind[];
}

/** How a POS issues access tokens. */
export interface TokenRule {
  /** Whether a config with these params asks for tokens at all; default: every one does. Must not throw. */
  applies?(params: Readonly<Record<string, unknown>>): boolean;
  /** Where; requests for tokens may go there even if it is another origin than the config's. */
  url(params: Readonly<Record<string, unknown>>): URL;
  /** What is sent: with the refresh token that the last answer brought, or null to begin with the credentials. */
  request(
    settings: ConnectorSettings,
    refreshToken: string | null,
  ): PostBody & { headers?: Readonly<Record<string, string>> };
  /** Reads the answer; default as OAuth 2.0 says. Throws TillsyncError (step 'fetch'). */
  read?(answer: Json, now: Date): IssuedToken;
}

/** A webhook as it came in. */
export interface WebhookRequest {
  headers: { get(name: string): string | null };
  /** The bytes as they came: a signature covers them, not what they mean. */
  rawBody: Uint8Array;
  /** The address as the POS knows it. */
  url: string;
  /** The endpoint's secrets by the names of `webhookSecrets`. */
  secrets: Readonly<Record<string, string>>;
  now: Date;
}

/** What a webhook proved about itself. */
export type WebhookVerdict =
  | {
      ok: true;
      /** The same for the same event, however often it is sent. */
      id: string;
      /** When it was signed; null = the POS does not say in what it signs. Outside the time window it is refused. */
      at: Date | null;
      /** Identity params that the event speaks of, by the names of `identity`, at least one each. */
      identities: readonly Readonly<Record<string, string>>[];
    }
  | { ok: false; reason: 'signature' | 'malformed' };

/** One step of *Test connection*, e.g. {step: 'login', ok: true, message: 'Logged in as Main St.'}. */
export interface CheckStep {
  /** What was tried: 'login' (are the credentials accepted), 'permission' (may they read the catalog), 'identity'. */
  step: 'login' | 'permission' | 'identity';
  ok: boolean;
  /** One sentence for a person; never a secret. */
  message: string;
  /** What to do where it is not ok. */
  hint?: string;
  /** Identity params that the POS told, by the names of \`identity\`: for connectors that cannot ask people for them. */
  identity?: Readonly<Record<string, string>>;
}

/** One place of the POS account, for the site picker. */
export interface PosLocation {
  /** The POS's own id, as it stands in \`ItemLocation.locationId\` or in the params. */
  id: string;
  name: string;
  /** One line, or null where the POS does not say. */
  address: string | null;
  /** IANA name, or null. */
  timeZone: string | null;
  /** ISO 4217, or null. */
  currency: string | null;
  /** Params that a config of this place needs besides those that it was asked with. */
  params: Readonly<Record<string, unknown>>;
}

/** What a file is looked at with before it is imported. */
export interface PreviewRequest {
  /** The config's params, as far as they are known. */
  params: Readonly<Record<string, unknown>>;
  /** Field → column, over what the config remembers or the names suggest; '' = no column. */
  map: Readonly<Record<string, string>>;
}

/** How a file would be read. */
export interface FilePreview {
  /** e.g. 'csv'. */
  form: string;
  /** In the file's order; `field` is what the column is read as, null = it only stays in the item's data. */
  columns: readonly { name: string; field: string | null; samples: readonly string[] }[];
  /** The first rows, as items or rejects. */
  first: readonly Formatted[];
  /** Params that the config keeps, so that the next file is read alike. */
  params: Readonly<Record<string, unknown>>;
}

/** A pretend POS, and the config that reads it. */
export interface ConnectorDemo {
  /**
   * Module to run as a process of its own: prints its address as one line and takes commands as POST /control, e.g.
   * {"change": 12, "add": 3, "drop": 5} or {"answer": "empty", "times": 1}.
   */
  server: URL;
  configName: string;
  params(url: string): Readonly<Record<string, unknown>>;
}

export interface Connector {
  id: string;
  /** Shown to people, e.g. 'QU POS'. */
  title: string;
  /** Raised when the mapping changes, so that equal payloads are formatted again. */
  version: number;
  /** Validates merged params (without secrets); drawn as the settings form. Unknown keys are refused. */
  settings: z.ZodObject;
  /** Names of params that make the identity of a source, in order, e.g. ['brand', 'establishment']. */
  identity: readonly string[];
  /** Names of fields that are secret; never in params. */
  secretFields: readonly string[];
  /** Secret fields that these params make necessary, e.g. ['token'] for auth 'bearer'; a config without them cannot run. */
  requiredSecrets?(params: Readonly<Record<string, unknown>>): readonly string[];
  /**
   * Every secret text that a request with these settings sends, in the form in which it is sent: what the POS may echo and
   * no error may show. Must not throw, whatever is missing. Default: the secrets as they are stored.
   */
  secretTexts?(settings: ConnectorSettings): readonly string[];
  /** Params that a config adopted from the original gets where it does not say otherwise; new configs do not. */
  adoptedDefaults?: Readonly<Record<string, unknown>>;
  /** The base URL that the original would have built from an adopted config's params; null when it cannot be known. */
  adoptedBaseUrl?(params: Readonly<Record<string, unknown>>): string | null;
  /**
   * Origin of the base URL that the params lead to, e.g. 'https://pos.example:8443'; part of the source's identity.
   * Throws TillsyncError (step 'validation') when there is none or it is no http(s) URL.
   */
  origin(params: Readonly<Record<string, unknown>>): string;
  /** Top-level members of a JSON body that change without meaning; left out of the payload's address. */
  volatileFields: readonly string[];
  /** What the POS allows one credential; default: no limit but the waits that it asks for. */
  rateBudget?: RateRule;
  /** How access tokens are issued; absent where credentials are sent as they are stored. */
  token?: TokenRule;
  /** How the connector can be tried without its POS (`tillsync demo`); absent where it cannot. */
  demo?: ConnectorDemo;
  /**
   * What it remembers between fetches, by the POS's names, e.g. {cursor: 'latest_time', probe: 'catalog version'}. A cursor is
   * asked for with an overlap (what the POS commits late comes then), since an item that comes again changes nothing.
   */
  incremental?: { readonly cursor?: string; readonly probe?: string };
  /** Names of the secrets that `verifyWebhook` needs; absent where the POS sends no webhooks. */
  webhookSecrets?: readonly string[];
  /**
   * Pure. Proves that the POS sent it (net/webhook-signature.ts), then says which account it speaks of. It is a hint to sync, never
   * the truth: nothing of it is saved.
   */
  verifyWebhook?(request: WebhookRequest): WebhookVerdict;
  /**
   * The steps of *Test connection* that only the connector knows; DNS, TLS, the first page and its items are tried by the
   * engine. Ends at the first step that is not ok. A TillsyncError that it throws is such a step.
   */
  check?(context: FetchContext): AsyncGenerator<CheckStep, void, void>;
  /** The places that the credentials may see; absent where the POS cannot list them. */
  listLocations?(context: FetchContext): AsyncGenerator<PosLocation, void, void>;
  /**
   * For connectors whose page may be a file that a person brings (`tillsync import`): how it would be read. Pure; reads as
   * much of the body as it needs. Throws TillsyncError (step 'format').
   */
  preview?(body: AsyncIterable<Uint8Array>, request: PreviewRequest): Promise<FilePreview>;
  /** One source serves several locations: items bear \`locations\`. */
  perLocation?: true;
  /** Absence from a complete answer means removal. A connector that also reads changes says 'absence': its whole reads do. */
  removal: 'absence' | 'tombstone' | 'never';
  /** I/O only. Yields pages, returns whether the fetch is complete. Throws TillsyncError (step 'fetch'). */
  fetch(context: FetchContext): AsyncGenerator<FetchedPage, FetchEnd, void>;
  /**
   * Pure: no clock, no network, no database. Reads one page's bytes in pieces, yields what it finds in the payload's
   * order, in batches (one await per item would cost as much as formatting it), returns what the document proves about itself. Throws TillsyncError (step 'format') when the body is
   * not what the POS should answer.
   */
  format(body: AsyncIterable<Uint8Array>, context: FormatContext): AsyncGenerator<Formatted[], DocumentProof, void>;
  /** The same for a document already parsed (the edge contract's format-integration-data). */
  formatDocument(document: Json, context: FormatContext): Generator<Formatted, DocumentProof, void>;
}
