// Tests of the log: what it must never show, and that one entry is one line.
import { expect, test } from 'vitest';
import { TillsyncError } from './errors.ts';
import { openLog } from './log.ts';

function logged(write: (log: ReturnType<typeof openLog>) => void): string[] {
  const lines: string[] = [];
  write(openLog('debug', { write: (line) => lines.push(line) }));
  return lines;
}

test('secrets are redacted by name at any depth, in child bindings and in errors', () => {
  const error = Object.assign(new Error('refused: Bearer canary-1234567890'), { config: { apiKey: 'canary' } });
  const text = logged((log) => {
    log.info({ a: { b: { c: { password: 'canary', secrets: { x: 'canary' } } } }, Authorization: 'canary' }, 'hello');
    log.child({ credentials: { token: 'canary' } }).warn({ err: error }, 'postgresql://tillsync:canary@db.example/x');
  }).join('');
  expect(text).not.toContain('canary');
  expect(text).toContain('postgresql://tillsync:[redacted]@db.example/x');
  expect(text).toContain('Bearer [redacted]');
});

test('a known secret goes as a whole, also where only its beginning looks like one', () => {
  const lines: string[] = [];
  const redact = (text: string) => text.replaceAll('canary-1234/"rest', '[redacted]');
  openLog('info', { write: (line) => lines.push(line) }, redact).info('sent Bearer canary-1234/"rest');
  expect(lines.join('')).toContain('sent Bearer [redacted]"');
  expect(lines.join('')).not.toContain('rest');
});

test('facts that are not secret stay readable', () => {
  const [line] = logged((log) =>
    log.info({ run: '01J9', lease_token: 7, host: 'https://pos.example:8443/x' }, 'fetch'),
  );
  expect(JSON.parse(String(line))).toMatchObject({
    run: '01J9',
    lease_token: 7,
    host: 'https://pos.example:8443/x',
    msg: 'fetch',
  });
});

test('a name with line breaks and terminal codes stays one line of JSON', () => {
  const [line] = logged((log) => log.info({ name: 'a\r\n{"level":60}\u001b[31m\u0000' }, 'x'));
  expect(line?.indexOf('\n')).toBe((line?.length ?? 0) - 1);
  const control = [...String(line).slice(0, -1)].filter((character) => character < ' ');
  expect(control).toEqual([]);
});

test('an error for a person has its code, effect, fix and SQLSTATE, and no stack; a bug has its stack', () => {
  const expected = new TillsyncError('The disk is full.', {
    code: 'disk_full',
    step: 'save',
    hint: 'Make room.',
    facts: { sqlstate: '53100' },
    cause: new Error('could not extend file'),
  });
  const [known, bug] = logged((log) => {
    log.error({ err: expected }, 'run failed');
    log.child({ run: '7' }).error({ err: new Error('undefined is not a function') }, 'run failed');
  }).map((line) => JSON.parse(line) as { err: Record<string, unknown> });
  expect(known?.err).toEqual({
    code: 'disk_full',
    step: 'save',
    message: 'The disk is full.',
    effect: 'Your catalog was not changed.',
    hint: 'Make room.',
    facts: { sqlstate: '53100' },
    cause: 'could not extend file',
  });
  expect(bug?.err).toMatchObject({ message: 'undefined is not a function', stack: expect.stringMatching(/\n +at /) });
});
