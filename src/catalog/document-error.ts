// The errors of a body that is not the document it should be: each says what came instead.
import { TillsyncError } from '../errors.ts';

export type DocumentFault =
  | 'body_empty'
  | 'body_not_utf8'
  | 'body_not_json'
  | 'body_truncated'
  | 'body_too_large'
  | 'body_wrong_shape'
  | 'upstream_error_body';

export interface WhatCame {
  /** The beginning of the body, redacted and on one line; '' when there is none to show. */
  excerpt: string;
  /** Where or why, e.g. 'it breaks at element 4 of "menuItems"'. */
  detail?: string;
}

const sentences: Readonly<Record<DocumentFault, string>> = {
  body_empty: 'The answer of the POS is empty',
  body_not_utf8: 'The answer of the POS is not UTF-8 text (UTF-16 or binary)',
  body_not_json: 'The answer of the POS is not JSON',
  body_truncated: 'The answer of the POS ends before the document does',
  body_too_large: 'One part of the answer of the POS is larger than any item can be',
  body_wrong_shape: 'The answer of the POS is JSON, but not a catalog',
  upstream_error_body: 'The POS reports an error in its answer',
};

const hints: Readonly<Record<DocumentFault, string>> = {
  body_empty: 'Check base_url and the identity settings; some POS answer nothing for an unknown establishment.',
  body_not_utf8: 'The POS must answer in UTF-8.',
  body_not_json: 'Check base_url: a login page or an error page often stands where the API was expected.',
  body_truncated: 'Try again; the POS or a proxy ended the answer early.',
  body_too_large: 'Check base_url; no catalog has a single item of this size.',
  body_wrong_shape: 'Check base_url and that the connector is the one for this POS.',
  upstream_error_body: 'Check the identity settings of the config, or try again later.',
};

// A cut or an error may be gone with the next answer; a body of another kind will not.
const transient: ReadonlySet<DocumentFault> = new Set(['body_truncated', 'upstream_error_body']);

/** A TillsyncError of step 'format' that shows the beginning of what was received. */
export function documentError(fault: DocumentFault, { excerpt, detail }: WhatCame): TillsyncError {
  const why = detail === undefined ? '' : `: ${detail}`;
  const came = excerpt === '' || fault === 'body_empty' ? '' : ` Received: ${excerpt}`;
  return new TillsyncError(`${sentences[fault]}${why}.${came}`, {
    code: fault,
    step: 'format',
    retry: transient.has(fault) ? 'later' : 'no',
    hint: hints[fault],
  });
}
