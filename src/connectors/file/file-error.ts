// The errors of a file that cannot be read as a whole: what is wrong, where, and what to do.
import { TillsyncError } from '../../errors.ts';

/** The file as a whole is unusable, e.g. 'the quote that opens in line 4 is never closed'. Step 'format'. */
export function fileMalformed(what: string, hint: string): TillsyncError {
  return new TillsyncError(`The file cannot be read: ${what}.`, {
    code: 'file_malformed',
    step: 'format',
    exitCode: 2,
    hint,
  });
}

/** The columns of the file are not those that the mapping needs. */
export function columnsMissing(what: string): TillsyncError {
  return new TillsyncError(what, {
    code: 'file_columns_missing',
    step: 'format',
    exitCode: 2,
    hint: 'Look with `tillsync import <file> --config <config> --preview`, and name columns with --map <field>=<column>.',
  });
}

/** An error about the body of an answer, said of a file. Anything else comes back as it is. */
export function aboutFile(error: unknown): unknown {
  if (!(error instanceof TillsyncError) || !error.code.startsWith('body_')) return error;
  return new TillsyncError(error.message.replaceAll('answer of the POS', 'file'), {
    code: error.code,
    step: 'format',
    exitCode: 2,
    hint: 'Check the file; --param format=csv, ndjson, json or xlsx says how it is to be read.',
    cause: error,
  });
}
