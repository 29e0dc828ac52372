// tillsync items lint: what is most likely wrong in a stored catalog, errors first.
import type { Command } from 'commander';
import { type LintRuleName, lintRules, type Severity, severities } from '../../../catalog/lint/lint-rules.ts';
import { inputError } from '../../../errors.ts';
import type { LintReport } from '../../../sync/check/lint-source.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { exitCodes } from '../../exit-code.ts';
import { type Colour, paint } from '../../print/paint.ts';
import { printable } from '../../print/printable.ts';
import { count } from '../../print/quantities.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf } from '../../verb.ts';
import { sourceOfOptions } from './source-option.ts';

interface LintOptions {
  source?: string;
  config?: string;
}

/** Defines the verb below `items`. */
export function defineLint(items: Command): void {
  items
    .command('lint')
    .description('What is most likely wrong in a catalog: groups that cannot be ordered, doubled names, prices of 0')
    .option('--source <id>', 'the catalog of this source')
    .option('--config <config>', "the catalog of this config's source (id or exact name)")
    .addHelpText(
      'after',
      `\nRules: ${Object.keys(lintRules).join(', ')}.\nExit code 1 when there is an error. Switch rules off: tillsync configs set <config> --guard lint_off='["zero_price"]'\n${examples('tillsync items lint --config "QU POS"')}`,
    )
    .action((_options: LintOptions, self: Command) =>
      withBackend(self, async (backend) => {
        const options = optionsOf<LintOptions>(self);
        const sourceId = await sourceOfOptions(backend, options);
        if (sourceId === undefined) {
          throw inputError(
            'lint_target_unclear',
            'Say which catalog: --config or --source.',
            'For example: tillsync items lint --config "QU POS".',
          );
        }
        const report = await backend.lintSource(sourceId);
        if (options.json) writeJson(report);
        else print(report);
        const hasError = report.findings.some(({ severity }) => severity === 'error');
        return hasError ? exitCodes.failed : exitCodes.ok;
      }),
    );
}

const marks: Readonly<Record<Severity, [string, Colour]>> = {
  error: ['✗', 'red'],
  warning: ['!', 'yellow'],
  info: ['·', 'gray'],
};

function print({ findings, counts, items, off }: LintReport): void {
  const width = Math.max(...Object.keys(lintRules).map((rule) => rule.length));
  for (const { rule, severity, message } of findings) {
    const [mark, colour] = marks[severity];
    writeOut(`${paint(colour, mark)} ${rule.padEnd(width)}  ${printable(message)}\n`);
  }
  for (const [rule, found] of Object.entries(counts)) {
    const shown = findings.filter((finding) => finding.rule === rule).length;
    if (shown < found) writeOut(`  ${rule.padEnd(width)}  … and ${count(found - shown)} more\n`);
  }
  const sums = severities.map((severity) => `${count(sumOf(counts, severity))} ${words[severity]}`).join(', ');
  writeTalk(`${count(items)} items checked: ${sums}.${off.length === 0 ? '' : ` Switched off: ${off.join(', ')}.`}\n`);
}

const words: Readonly<Record<Severity, string>> = { error: 'errors', warning: 'warnings', info: 'infos' };

function sumOf(counts: LintReport['counts'], severity: Severity): number {
  return Object.entries(counts).reduce(
    (sum, [rule, found]) => (lintRules[rule as LintRuleName].severity === severity ? sum + found : sum),
    0,
  );
}
