// Reads a request body: JSON only, capped in bytes while it arrives, numbers without loss.
import { TillsyncError } from '../../errors.ts';
import { parseJson } from '../../json.ts';
import { checkJson, type JsonRules } from '../edge/check-json.ts';
import type { EdgeFunction } from './functions-options.ts';

type Limit = Pick<EdgeFunction, 'maxBody' | 'tooLargeHint'> & { rules?: JsonRules };

// The body itself and its formatted_data; what an item of a POS holds is data, and is checked item by item.
const functionRules: JsonRules = { maxDepth: Number.POSITIVE_INFINITY, uniqueTo: 2 };

/**
 * The parsed body of a request. Throws TillsyncError (step 'validation'): content_type_unsupported 415,
 * body_too_large 413, body_not_json 400, body_too_deep 400, body_key_repeated 400. The limit counts the bytes of the body.
 */
export async function readBody(request: Request, limit: Limit): Promise<unknown> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new TillsyncError('The body must be JSON.', {
      code: 'content_type_unsupported',
      step: 'validation',
      status: 415,
      hint: 'Send Content-Type: application/json.',
    });
  }
  const text = await readText(request, limit);
  try {
    const body = parseJson(text);
    checkJson(text, limit.rules ?? functionRules);
    return body;
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(error);
    if (error instanceof SyntaxError) throw notJson(error);
    throw error;
  }
}

async function readText(request: Request, limit: Limit): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > limit.maxBody) throw tooLarge(limit);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > limit.maxBody) throw tooLarge(limit);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw notJson(error);
    throw error;
  }
}

function tooLarge({ maxBody, tooLargeHint }: Limit): TillsyncError {
  return new TillsyncError(`The body is larger than the ${maxBody / 1024 / 1024} MiB that is taken here.`, {
    code: 'body_too_large',
    step: 'validation',
    status: 413,
    hint: tooLargeHint,
  });
}

// The lossless parser recurses, and gives up at some thousand levels.
function tooDeep(cause: Error): TillsyncError {
  return new TillsyncError('The body is nested too deeply to be read.', {
    code: 'body_too_deep',
    step: 'validation',
    hint: 'An item may have 100 levels of objects and lists.',
    cause,
  });
}

function notJson(cause: Error): TillsyncError {
  return new TillsyncError('The body is not valid JSON.', {
    code: 'body_not_json',
    step: 'validation',
    hint: 'Send one JSON object, encoded in UTF-8.',
    cause,
  });
}
