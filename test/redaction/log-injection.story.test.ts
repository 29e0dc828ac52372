// Names that try to write lines of their own: into the log, and onto the terminal of whoever looks at a catalog.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLog } from '../../src/log.ts';
import { openStory } from '../support/cli-story.ts';

const hostile = [
  'line\r\n{"level":30,"msg":"forged"}',
  '\u001b[2J\u001b[31mred\u001b]0;title\u0007',
  'nul\u0000byte',
  'c1\u009b31m',
  'separators\u2028\u2029',
  'turned\u202eeman',
  'back\b\b\bspace\u007f',
];

test('S42: a log line is one line of JSON, whatever stands in messages, facts, names of facts and errors', () => {
  const written: string[] = [];
  const log = openLog('debug', { write: (line) => void written.push(line) });
  for (const text of hostile) {
    log.info({ name: text, [text]: { [text]: [text] } }, text);
    log.error({ err: new Error(text) }, 'failed');
    log.child({ run: text }).warn(text);
  }
  expect(written).toHaveLength(hostile.length * 3);
  for (const line of written) {
    expect(line.endsWith('\n')).toBe(true);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f]/);
    JSON.parse(line);
  }
});

// JSON.stringify escapes what it must; a POS may send the rest as it is.
const items = hostile.map((name, at) => ({ pathId: `1-${at}`, id: at + 1, name, itemType: 1 }));
const server = createServer((_request, response) => {
  response.end(
    JSON.stringify({
      menuItems: items,
      modifiers: [],
      discounts: [{ id: hostile[1], name: hostile[0] }, { name: hostile[1] }],
    }),
  );
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close());

test('S42: no name of a menu, a config or a request moves the cursor of a terminal or begins a line', async () => {
  const { cli } = await openStory({ env: { TILLSYNC_LOG_LEVEL: 'debug' } });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const params = ['brand=acme', 'establishment=17', `base_url=${url}`].flatMap((param) => ['--param', param]);
  const add = ['configs', 'add', '--connector', 'qu', ...params];
  expect((await cli.run([...add, '--name', hostile[1] as string])).code).toBe(2);
  expect((await cli.run([...add, '--name', 'turned\u202eeman'])).code).toBe(0);
  const synced = await cli.run(['sync', 'turned\u202eeman', '--wait']);
  const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(synced.stdout + synced.stderr)?.[0] ?? '';
  const outputs = [
    synced,
    await cli.run(['items', 'list']),
    await cli.run(['runs', 'show', id]),
    await cli.run(['diff', id]),
    await cli.run(['configs', 'list']),
    await cli.run(['configs', 'show', hostile[1] as string]),
    await cli.run(['connectors', 'test', 'turned\u202eeman']),
  ];
  // They are all there, only harmless.
  for (const output of [1, 3]) expect(outputs[output]?.stdout).toContain('forged');
  for (const { stdout, stderr } of outputs) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
    expect(stdout + stderr).not.toMatch(/^\{"level":30,"msg":"forged"\}/m);
  }
}, 300_000);
