// Values of options as the verbs need them: numbers, name=value pairs, secrets that never stand in a flag.
import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { serverUrl } from '../config.ts';
import { inputError, TillsyncError } from '../errors.ts';
import { askSecret } from './secrets/ask-secret.ts';

/** A parser for whole numbers in a range; commander says the sentence. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

/** The parser of --server. */
export function serverAddress(text: string): string {
  try {
    return serverUrl(text);
  } catch (error) {
    throw new InvalidArgumentError(`It must be ${(error as Error).message}.`);
  }
}

/** Collects an option that may be given several times. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** ['brand=acme'] → {brand: 'acme'}. Values stay text. Throws TillsyncError pair_invalid. */
export function pairs(option: string, texts: readonly string[] | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const text of texts ?? []) {
    const at = text.indexOf('=');
    if (at < 1) {
      // The text itself may be a secret, so only its name part could be shown, and there is none.
      throw inputError('pair_invalid', `${option} takes name=value.`, `For example: ${option} name=value.`);
    }
    found[text.slice(0, at)] = text.slice(at + 1);
  }
  return found;
}

/**
 * ['api_key=-'] → {api_key: <stdin>}, asked for where somebody sits at a terminal; '@file' reads a file; one line end at the
 * end is dropped, nothing else.
 * Throws TillsyncError secret_in_flag, secret_twice_from_stdin, file_unreadable.
 */
export async function secrets(texts: readonly string[] | undefined): Promise<Record<string, string>> {
  const wanted = Object.entries(pairs('--secret', texts));
  const asks = process.stdin.isTTY === true;
  if (!asks && wanted.filter(([, from]) => from === '-').length > 1) {
    throw inputError('secret_twice_from_stdin', 'Only one secret can come from stdin.', 'Use @file for the others.');
  }
  const found: Record<string, string> = {};
  for (const [name, from] of wanted) {
    if (from === '-') {
      found[name] = asks ? await askSecret(name) : withoutLineEnd(await readInput('-'));
    } else if (from.startsWith('@')) {
      found[name] = withoutLineEnd(await readInput(from.slice(1)));
    } else {
      throw inputError(
        'secret_in_flag',
        `The secret ${name} stands in a flag, where the process list and the shell history show it.`,
        `Use --secret ${name}=- (from stdin) or --secret ${name}=@file.`,
      );
    }
  }
  return found;
}

/** The text of a file, or of stdin for '-'. Throws TillsyncError file_unreadable. */
export async function readInput(path: string): Promise<string> {
  if (path === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  }
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : (code ?? 'unknown reason');
    throw new TillsyncError(`The file ${path} cannot be read: ${why}.`, {
      code: 'file_unreadable',
      step: 'validation',
      hint: 'Check the path; - reads from stdin.',
      exitCode: 2,
      cause: error,
    });
  }
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
