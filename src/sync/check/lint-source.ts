// Lints the stored catalog of one source, without the rules that its config switches off.
import { CatalogLint, type LintResult } from '../../catalog/lint/lint-catalog.ts';
import { isLintRule, type LintRuleName } from '../../catalog/lint/lint-rules.ts';
import { inputError } from '../../errors.ts';
import { getConfig } from '../../records/configs/read-configs.ts';
import { readLintItems } from '../../records/lint/read-lint-items.ts';
import { listSources } from '../../records/sources/read-sources.ts';
import type { Deps } from '../deps.ts';

export interface LintReport extends LintResult {
  source_id: string;
  /** Rules that the source's config switches off. */
  off: LintRuleName[];
}

/** Looks at every live item of the source. Throws TillsyncError source_unknown. */
export async function lintSource(deps: Pick<Deps, 'database'>, sourceId: string): Promise<LintReport> {
  const [source] = await listSources(deps.database, { id: sourceId });
  if (source === undefined) {
    throw inputError('source_unknown', `No source has the id ${sourceId}.`, 'List them with `tillsync sources list`.');
  }
  const off = await rulesOff(deps, source.configs.find((config) => config.is_active)?.id);
  const lint = new CatalogLint(off);
  await deps.database.transaction((connection) =>
    readLintItems(connection, source.id, (items) => {
      for (const item of items) lint.add(item);
    }),
  );
  return { source_id: source.id, ...lint.result(), off };
}

async function rulesOff({ database }: Pick<Deps, 'database'>, configId: string | undefined): Promise<LintRuleName[]> {
  const config = configId === undefined ? null : await getConfig(database, configId);
  const named = config?.guard.lint_off;
  return Array.isArray(named) ? named.filter(isLintRule) : [];
}
