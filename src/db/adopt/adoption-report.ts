// What an adoption says it did, or in a dry run would do: facts per step, and the text made of them.

/** The rule that decides which of several rows with one key stays. */
const winnerRule = 'the newest last_synced_at wins, then the newest updated_at, then the highest id';

/** One key that several rows had. */
export interface DuplicateGroup {
  wand_source_id: string;
  external_id: string;
  path_id: string | null;
  /** Id of the row that stays. */
  winner: string;
  /** Ids of the rows that go to the archive; at most ten are listed. */
  losers: string[];
}

/** What was found in one item table. */
export interface ItemFacts {
  table: string;
  rows: number;
  /** Rows without wand_source_id. */
  without_source: number;
  /** Rows whose source_id and wand_source_id named different sources. */
  disagreeing: number;
  /** Rows that move from one source to another, because their config's source decides. */
  moved: number;
  /** Rows whose path_id comes from their data. */
  paths_filled: number;
  duplicate_groups: number;
  duplicate_losers: number;
  /** Rows that neither a source nor a config attributes to a catalog. */
  unattributable: number;
  without_external_id: number;
  /** The first ten groups of duplicates. */
  examples: DuplicateGroup[];
}

/** What became of one source. */
export interface SourceFacts {
  id: string;
  name: string;
  connector_id: string;
  /** Identity params and values; null = not known. */
  identity: Record<string, string> | null;
  /**
   * kept: a legacy row that takes its config's identity; split: a new row for another identity of a legacy row;
   * unknown: kept without identity; recovered: only rows still named it; unused: neither config nor rows.
   */
  outcome: 'kept' | 'split' | 'unknown' | 'recovered' | 'unused';
  /** The legacy row that a split source came from. */
  split_from: string | null;
  configs: string[];
}

/** What one step found and did; stored in its journal row, so that a resumed adoption reports all of it. */
export interface StepFacts {
  /** One sentence per change, for people. */
  lines: string[];
  /** What needs a person's look. */
  warnings: string[];
  items?: ItemFacts;
  sources?: SourceFacts[];
  /** Config id → the source that its rows belong to. */
  targets?: Record<string, string>;
  /** Tables that foreign keys of source columns pointed to, other than wand_integration_sources. */
  retired?: string[];
}

/** What `adopt` returns; `tillsync migrate --dry-run` prints it. */
export interface AdoptionReport {
  dry_run: boolean;
  /** Whether the database is adopted now. */
  complete: boolean;
  rule: string;
  tables: ItemFacts[];
  sources: SourceFacts[];
  lines: string[];
  warnings: string[];
}

/** A step's facts without content. */
export function noFacts(): StepFacts {
  return { lines: [], warnings: [] };
}

/** One report from the facts of all steps, in their order. */
export function reportOf(steps: readonly StepFacts[], state: { dryRun: boolean; complete: boolean }): AdoptionReport {
  return {
    dry_run: state.dryRun,
    complete: state.complete,
    rule: winnerRule,
    tables: steps.flatMap((step) => (step.items ? [step.items] : [])),
    sources: steps.flatMap((step) => step.sources ?? []),
    lines: steps.flatMap((step) => step.lines),
    warnings: steps.flatMap((step) => step.warnings),
  };
}

/** The report as text for a terminal. */
export function formatAdoptionReport(report: AdoptionReport): string {
  const title = report.dry_run
    ? 'Adoption, dry run: nothing was written.'
    : report.complete
      ? 'Adoption complete.'
      : 'Adoption not complete.';
  const out = [title, ''];
  for (const table of report.tables) out.push(...tableLines(table));
  if (report.sources.length > 0) out.push('', ...report.sources.map(sourceLine));
  if (report.tables.some((table) => table.duplicate_groups > 0)) out.push('', `Of rows with one key, ${report.rule}.`);
  if (report.lines.length > 0) out.push('', ...report.lines);
  if (report.warnings.length > 0) out.push('', ...report.warnings.map((warning) => `warning: ${warning}`));
  return `${out.join('\n')}\n`;
}

function tableLines(table: ItemFacts): string[] {
  const parts = [
    `${table.without_source} without wand_source_id`,
    `${table.duplicate_losers} duplicates of ${table.duplicate_groups} keys`,
    `${table.unattributable} that nothing attributes to a source`,
  ];
  if (table.disagreeing > 0) parts.push(`${table.disagreeing} with two different sources`);
  if (table.moved > 0) parts.push(`${table.moved} that move to their config's source`);
  if (table.paths_filled > 0) parts.push(`${table.paths_filled} whose path_id comes from data`);
  if (table.without_external_id > 0) parts.push(`${table.without_external_id} without external_id`);
  const groups = table.examples.map((group) => {
    const path = group.path_id === null ? '' : ` at ${group.path_id}`;
    return `  ${group.external_id}${path}: ${group.winner} stays, ${group.losers.join(', ')} to the archive`;
  });
  return [`${table.table}: ${table.rows} rows, ${parts.join(', ')}`, ...groups];
}

function sourceLine(source: SourceFacts): string {
  const named = source.identity
    ? Object.entries(source.identity)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')
    : 'identity unknown';
  const from = source.split_from ? `, split from ${source.split_from}` : '';
  return `source ${source.id} ${source.name}: ${source.outcome}${from}, ${named}, ${source.configs.length} configs`;
}
