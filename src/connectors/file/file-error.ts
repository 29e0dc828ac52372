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

/**
 * An error about the body of an answer, said of a file; `isAtEnd`: everything had come when it arose, so the file was cut.
 * Anything else comes back as it is.
 */
export function aboutFile(error: unknown, isAtEnd: boolean): unknown {
  if (!(error instanceof TillsyncError) || !error.code.startsWith('body_')) return error;
  const isCut = isAtEnd || error.code === 'body_truncated';
  const said = error.message.replaceAll('answer of the POS', 'file');
  return new TillsyncError(isCut ? 'The file ends before its document does.' : said, {
    code: isCut ? 'body_truncated' : error.code,
    step: 'format',
    exitCode: 2,
    hint: 'Check the file; the setting format (csv, ndjson, json, xlsx) says how it is to be read.',
    cause: error,
  });
}
