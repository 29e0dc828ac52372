// The CLI's edge: an error becomes words on stderr, one JSON document where --json was asked for, and an exit code.
import { randomUUID } from 'node:crypto';
import type { CommanderError } from 'commander';
import { errorRecord, TillsyncError } from '../errors.ts';
import { exitCodeOfError, exitCodes } from './exit-code.ts';
import { errorText } from './print/error-text.ts';
import { writeJson, writeTalk } from './print/write.ts';

/** Reports anything thrown by a verb and returns the exit code. A bug goes to the log with its stack. */
export async function reportError(error: unknown, json: boolean): Promise<number> {
  const reference = randomUUID();
  if (!(error instanceof TillsyncError)) {
    const { openLog } = await import('../log.ts');
    openLog('error').error({ reference, err: error }, 'unexpected error in the command');
  }
  const record = errorRecord(error, reference);
  if (json) {
    const runId = error instanceof TillsyncError ? (error.facts.run_id ?? error.facts.run) : undefined;
    writeJson({ error: record, ...(typeof runId === 'string' ? { run_id: runId } : {}) });
  }
  writeTalk(errorText(record));
  return exitCodeOfError(error);
}

/** Reports a command line that cannot be read and returns the exit code; commander has said it on stderr already. */
export function reportUsage(error: CommanderError, json: boolean): number {
  if (json) {
    // Help that was shown because no command was named carries no sentence of its own.
    const isHelp = error.code.startsWith('commander.help');
    const message = isHelp ? 'No command was given.' : error.message.replace(/^error: /, '');
    const hint = 'Call the command with --help.';
    const usage = new TillsyncError(message, { code: 'usage', step: 'validation', hint });
    writeJson({ error: errorRecord(usage, '') });
  }
  return exitCodes.usage;
}
