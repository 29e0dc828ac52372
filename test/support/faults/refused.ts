// A fault for the seam of the statements that costs no connection.
import { TillsyncError } from '../../../src/errors.ts';

/**
 * As the server's own refusal of a statement: the transaction is rolled back and the connection goes on. After any other
 * error it would be given up, and a new one costs the server 30 ms until it knows the tables.
 */
export function refused(message: string): TillsyncError {
  return new TillsyncError(message, { code: 'statement_timeout', step: 'save', hint: 'Nothing; this is a test.' });
}
