// Requests that their route's schema refuses: one sentence, and every field that is wrong.
import type { z } from '@hono/zod-openapi';
import { TillsyncError } from '../../../errors.ts';

/** The hook of every route: throws request_invalid where the validation found something. */
export function refuseInvalid(result: { success: boolean; target: string; error?: z.core.$ZodError }): void {
  if (result.success) return;
  const issues = result.error?.issues ?? [];
  const errors = issues.flatMap((issue) => errorsOf(issue, result.target));
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw new TillsyncError(`${first?.field ?? 'The request'}: ${first?.message ?? 'it is not valid'}${more}.`, {
    code: 'request_invalid',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'What each route takes is described at /api/docs.',
    facts: { errors },
  });
}

interface FieldError {
  field: string;
  message: string;
}

const places: Readonly<Record<string, string>> = { query: 'query', param: 'path', json: 'body', header: 'header' };

function errorsOf(issue: z.core.$ZodIssue, target: string): FieldError[] {
  const place = places[target] ?? target;
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [place, ...path, key].join('.'), message: 'there is no such field' }));
  }
  const message = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return [{ field: [place, ...path].join('.'), message }];
}
