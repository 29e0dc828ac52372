// What verbs ask for, whoever answers: the database that this process opened, or a server through /api/v1.
import type { FilePreview } from '../../connectors/connector.ts';
import type { ShownConnector } from '../../connectors/describe-connector.ts';
import type { Config, Level } from '../../records/configs/config.ts';
import type { Page, PageRequest } from '../../records/cursor.ts';
import type { ItemFilter } from '../../records/items/list/list-items.ts';
import type { ItemHistory } from '../../records/items/read-item-history.ts';
import type { ItemName } from '../../records/items/read-items.ts';
import type { ShownItem, StoredItem } from '../../records/items/stored-item.ts';
import type { RejectGroups } from '../../records/rejects/read-reject-groups.ts';
import type { RejectFilter } from '../../records/rejects/runs-with-rejects.ts';
import type { Change } from '../../records/runs/read-changes.ts';
import type { DuplicateRow, RejectRow } from '../../records/runs/read-rejects.ts';
import type { RunFilter } from '../../records/runs/read-runs.ts';
import type { Run } from '../../records/runs/run.ts';
import type { SourceOverview } from '../../records/sources/source.ts';
import type { CheckedStep, CheckReport } from '../../sync/check/check-step.ts';
import type { LintReport } from '../../sync/check/lint-source.ts';
import type { CheckTarget } from '../../sync/check/settings-to-check.ts';
import type { ConfigExplanation } from '../../sync/configs/explain-config.ts';
import type { WhatIf } from '../../sync/configs/what-if.ts';
import type { RetiredSource } from '../../sync/hierarchy/retire-source.ts';
import type { Progress } from '../print/progress-line.ts';

/** A config with what it lacks and what it inherits. */
export interface ShownConfig extends Config {
  missing: string[];
  merged_params: Readonly<Record<string, unknown>>;
}

/** Whoever waits for a run: told of its progress, and free to give up. */
export interface Waiting {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** A concept, company or site as the API answers it. */
export interface ShownNode {
  id: number;
  name: string;
  created_at: string;
  /** Of companies. */
  concept_id?: number | null;
  /** Of sites. */
  company_id?: number | null;
}

/** What verbs ask about levels. */
export interface LevelVerbs {
  listNodes(level: Level): Promise<ShownNode[]>;
  /** Throws TillsyncError hierarchy_name_invalid, hierarchy_unknown. */
  addNode(level: Level, node: { name: string; above?: number | undefined }): Promise<ShownNode>;
  /** Another name, or another place (null = the top). Throws TillsyncError as addNode does, and hierarchy_in_use. */
  changeNode(level: Level, node: { id: number; name?: string; above?: number | null }): Promise<ShownNode>;
  /** Throws TillsyncError hierarchy_unknown, hierarchy_in_use. */
  removeNode(level: Level, id: number): Promise<ShownNode>;
  removeConfig(named: string): Promise<Config>;
  explainConfig(named: string): Promise<ConfigExplanation>;
  /** `set` as people type it, 'name=value'. */
  whatIf(named: string, change: { set: string[] | undefined; unset: Record<string, null> }): Promise<WhatIf>;
  /** Throws TillsyncError source_unknown, source_in_use, source_busy. */
  retireSource(id: string): Promise<RetiredSource>;
  deleteSource(id: string): Promise<RetiredSource>;
}

/** A file that a person brings, and how it is imported. */
export interface FileToBring {
  configId: string;
  /** Read once. */
  body: AsyncIterable<Uint8Array>;
  /** No path. */
  fileName: string;
  mode: 'merge' | 'full';
  dryRun: boolean;
}

/** What the import of a file needs. */
export interface FileVerbs {
  /** Makes a config for files; its id. */
  addFileConfig(config: { connectorId: string; name: string; params: Record<string, unknown> }): Promise<string>;
  /** Keeps in the config how its file is read, where that is new. `merged` are its params with the levels above. */
  rememberColumns(
    configId: string,
    of: { preview: FilePreview; merged: Readonly<Record<string, unknown>> },
  ): Promise<void>;
  /** The run at its end. Throws TillsyncError file_not_taken, sync_running. */
  importFile(file: FileToBring, waiting: Waiting): Promise<Run>;
}

export interface Backend extends LevelVerbs, FileVerbs {
  /** The config with this id or exact name. Throws TillsyncError config_unknown, config_ambiguous. */
  findConfig(named: string): Promise<Config>;
  listConfigs(): Promise<Config[]>;
  showConfig(named: string): Promise<ShownConfig>;
  /** Connectors of this version, then stored recipes. */
  listConnectors(): Promise<ShownConnector[]>;
  /** Params as people type them, `name=value`, as the settings of the connector want them; of an unknown one texts stay texts. */
  readParams(connectorId: string, texts: string[] | undefined): Promise<Record<string, unknown>>;
  /** Tries a connection step by step; `onStep` hears of each. */
  checkConnection(check: ConnectionToCheck): Promise<CheckReport & { saved: boolean }>;
  listSources(): Promise<SourceOverview[]>;
  /** Throws TillsyncError source_unknown. */
  showSource(id: string): Promise<SourceOverview>;
  /** Throws TillsyncError source_unknown. */
  lintSource(id: string): Promise<LintReport>;
  listRuns(filter: RunFilter): Promise<Page<Run>>;
  /** Throws TillsyncError run_unknown. */
  showRun(id: string): Promise<Run>;
  /** Rejects over all runs, by reason. */
  rejectGroups(filter: RejectFilter): Promise<RejectGroups>;
  listChanges(runId: string, page: PageRequest): Promise<Page<Change>>;
  listRejects(runId: string): Promise<Page<RejectRow>>;
  listDuplicates(runId: string): Promise<Page<DuplicateRow>>;
  listItems(filter: ItemFilter): Promise<Page<StoredItem>>;
  /** Throws TillsyncError item_unknown, item_ambiguous. */
  showItem(name: ItemName): Promise<ShownItem>;
  /** Throws TillsyncError item_unknown. */
  itemHistory(name: ItemName): Promise<ItemHistory[]>;
  /** Asks for a sync. */
  requestSync(request: SyncToRequest): Promise<RequestedSync>;
  /** Asks for every source of a concept or company; the parent run. Throws TillsyncError nothing_below. */
  requestFanOut(request: FanOutToRequest): Promise<Run>;
  /** Works a run that was asked for, and that nobody else takes, to its end. */
  workRun(run: Run, waiting: Waiting): Promise<Run>;
  /** Waits for the end of a run that somebody else works on. Throws the signal's reason where the waiting is given up. */
  followRun(runId: string, waiting: Waiting): Promise<Run>;
  /** Applies a waiting plan; the run that did it, at its end. */
  approveRun(approval: { runId: string; confirm?: number | undefined }, waiting: Waiting): Promise<Run>;
  discardRun(runId: string): Promise<Run>;
  /** Does a run over: asks the POS again, or saves the stored answer again. */
  redoRun(redo: { how: 'retry' | 'replay'; runId: string; dryRun?: boolean | undefined }): Promise<RequestedSync>;
  /** Asks for the end of a run; the run as it then stands. */
  cancelRun(runId: string): Promise<Run>;
}

export interface ConnectionToCheck {
  target: CheckTarget;
  /** Writes an identity that the POS tells into the config. */
  save: boolean;
  signal: AbortSignal;
  onStep: (step: CheckedStep) => void;
}

export interface SyncToRequest {
  configId: string;
  dryRun: boolean;
  /** Compare every item, even of an unchanged answer. */
  full: boolean;
}

export interface FanOutToRequest {
  level: 'concept' | 'company';
  id: number;
  dryRun: boolean;
  full: boolean;
}

export interface RequestedSync {
  run: Run;
  /** The source was being synced already: that is the run, and nothing was started. */
  alreadyActive: boolean;
  /** Somebody else works on the run; else it is for the one who asked. */
  isTaken: boolean;
}
