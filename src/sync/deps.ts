// What every verb of the engine gets from app.ts: the opened rooms below it, and nothing global.
import type { Setting, SettingWarning } from '../config.ts';
import type { Connectors } from '../connectors/load-connectors.ts';
import type { Database } from '../db/database.ts';
import type { Logger } from '../log.ts';
import type { OpenedHttp } from '../net/http-client.ts';
import type { Queue } from '../queue/open-queue.ts';
import type { Vault } from '../vault/open-vault.ts';

/** How long and how much retention keeps; 0 = for ever, or all. */
export interface Keep {
  runsDays: number;
  /** Of one source, runs that changed nothing. */
  runsPerSource: number;
  logsDays: number;
  payloadsDays: number;
  /** Of one source, different stored answers. */
  payloadsPerSource: number;
  /** Entries of the audit log; 30 at least. */
  auditDays: number;
}

/** What is known of the process that works, for whoever looks after it. */
export interface ProcessFacts {
  /** Of tillsync, e.g. '0.1.0'. */
  version: string;
  /** ISO time, UTC. */
  startedAt: string;
  /** The database is the one that tillsync brought along. */
  hasOwnDatabase: boolean;
  /** Where the encryption key comes from: a setting, the file that tillsync made in its data folder, or nowhere. */
  keyFrom: Setting['source'] | 'key file' | 'nowhere';
  settings: readonly Setting[];
  /** What is wrong with the settings. */
  settingWarnings: readonly SettingWarning[];
}

export interface Deps {
  database: Database;
  /** By connector id. */
  connectors: Connectors;
  vault: Vault;
  /** A client with the deadlines and byte caps of the configuration; cheap, one per run. */
  openHttp(): OpenedHttp;
  log: Logger;
  /** Names this process in leases and locks, e.g. 'host:4711'. */
  worker: string;
  leaseSeconds: number;
  /** Seconds that one statement of a save may take; 0 = no limit. */
  saveStatementSeconds: number;
  /** Where the time of the last sync that saw an item stands: in each row, or once per source (fewer writes). */
  lastSynced: 'row' | 'source';
  /** The queue of runs, opened at the first call. */
  queue(): Promise<Queue>;
  /** Hours after which everything is read again from a POS that is otherwise asked for changes only. */
  fullReadHours: number;
  /** Seconds from the first webhook of a source to the sync that it hints at; those between are one. */
  hookDebounceSeconds: number;
  /** Changes that may wait in memory between plan and save; beyond it the payload is streamed twice. */
  planMemoryChanges: number;
  /** Where a sync is given up that would come to no end: bytes of all its answers, and items. */
  most: { fetchBytes: number; items: number };
  /** What retention keeps. */
  keep: Keep;
  about: ProcessFacts;
}
