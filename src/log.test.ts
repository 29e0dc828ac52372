// Tests of the log: what it must never show, and that one entry is one line.
import { expect, test } from 'vitest';
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
