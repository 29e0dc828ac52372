// Trees read in a stream: the same steps however they are cut, bounded memory, and every broken document refused.
import { describe, expect, test } from 'vitest';
import type { Json } from '../../json.ts';
import { readJsonTree } from './read-json-tree.ts';
import { mostTreeLevels, type TreeNode, type TreePart } from './tree-part.ts';
import { TreeReader } from './tree-reader.ts';
import { walkTree } from './walk-tree.ts';

const options = { children: 'children', excerpt: (text: string) => text.slice(0, 60) };

async function read(text: string | Uint8Array, size = 1_000_000): Promise<TreePart[]> {
  const bytes = Buffer.from(text);
  const parts: TreePart[] = [];
  async function* body(): AsyncGenerator<Uint8Array> {
    // One buffer for all pieces, as a sender may do it.
    const reused = Buffer.alloc(size);
    for (let at = 0; at < bytes.length; at += size) {
      yield reused.subarray(0, bytes.copy(reused, 0, at, at + size));
    }
  }
  for await (const batch of readJsonTree(body(), options)) parts.push(...batch);
  return parts;
}

const tree: TreeNode = {
  snapshot: 'a "quoted" {text} with children: [',
  children: [
    {
      id: 1,
      name: 'Menü 抹茶',
      children: [
        { id: 2, nested: { children: [{ id: 'no node' }] }, children: [] },
        { id: 3, children: null },
      ],
      after: [1, { deep: ['children'] }],
    },
    { children: [{ id: 5 }], id: 4 },
  ],
  last: true,
};

describe('the walk', () => {
  test('opens before its children with what it knows by then, and closes with all its own members', async () => {
    const parts = await read(JSON.stringify(tree));
    expect(parts.map(({ type, depth, node }) => ({ type, depth, node }))).toEqual([
      { type: 'open', depth: 0, node: { snapshot: tree.snapshot } },
      { type: 'open', depth: 1, node: { id: 1, name: 'Menü 抹茶' } },
      { type: 'close', depth: 2, node: { id: 2, nested: { children: [{ id: 'no node' }] } } },
      { type: 'close', depth: 2, node: { id: 3, children: null } },
      { type: 'close', depth: 1, node: { id: 1, name: 'Menü 抹茶', after: [1, { deep: ['children'] }] } },
      { type: 'open', depth: 1, node: {} },
      { type: 'close', depth: 2, node: { id: 5 } },
      { type: 'close', depth: 1, node: { id: 4 } },
      { type: 'close', depth: 0, node: { snapshot: tree.snapshot, last: true } },
    ]);
    const lists = parts.filter(({ type }) => type === 'close').map(({ hasList }) => hasList);
    expect(lists).toEqual([true, false, true, false, true, true]);
  });

  test('is the same in pieces of any size, with white space, with a byte order mark, and over a parsed document', async () => {
    const text = JSON.stringify(tree, null, '\t ');
    const whole = await read(text);
    for (const size of [1, 2, 3, 7, 64]) {
      expect(await read(text, size)).toEqual(whole);
      expect(await read(`\uFEFF${text}`, size)).toEqual(whole);
    }
    expect([...walkTree(tree, 'children')]).toEqual(whole);
  });

  test('keeps the digits of every number', async () => {
    const parts = await read('{"id":9007199254740993,"children":[{"price":1.10}]}');
    expect(JSON.stringify(parts.map(({ node }) => node))).toBe(
      '[{"id":9007199254740993},{"price":1.10},{"id":9007199254740993}]',
    );
  });

  test('holds one node per level and nothing of what has ended, however many nodes there are', () => {
    const reader = new TreeReader(options);
    const node = (id: number) => `{"id":${id},"text":"${'x'.repeat(100)}","children":[`;
    const leaf = Buffer.from(`${node(9)}]},`);
    let seen = 0;
    let most = 0;
    const give = (bytes: Uint8Array) => {
      seen += reader.read(bytes).length;
      most = Math.max(most, reader.heldBytes);
    };
    // One root, one node in it, and 20,000 leaves: 2.6 MB of which two nodes are under way at a time.
    give(Buffer.from(`{"children":[${node(1)}${node(2)}`));
    for (let n = 0; n < 20_000; n++) give(leaf);
    give(Buffer.from(`${node(3)}]}]}]}]}`));
    reader.finish();
    expect(seen).toBe(20_004 + 3);
    expect(most).toBeLessThan(4 * node(1).length);
    expect(reader.heldBytes).toBe(0);
  });
});

describe('a tree that is none', () => {
  test.each([
    ['', 'body_empty'],
    [' \n', 'body_empty'],
    ['\uFEFF', 'body_empty'],
    ['[]', 'body_wrong_shape'],
    ['<html>', 'body_not_json'],
    ['{"children":[1]}', 'body_wrong_shape'],
    ['{"children":[null]}', 'body_wrong_shape'],
    ['{"children":[{}', 'body_truncated'],
    ['{"children":[{}]', 'body_truncated'],
    ['{"children":[{},]}', 'body_not_json'],
    ['{"children":[{}{}]}', 'body_not_json'],
    ['{"children":[],}', 'body_not_json'],
    ['{"children":[]}x', 'body_not_json'],
    ['{"children":[]}{}', 'body_not_json'],
    ['{"a":}', 'body_not_json'],
    ['{"a":nonsense,"children":[]}', 'body_not_json'],
    ['{"a" 1}', 'body_not_json'],
    ['{a:1}', 'body_not_json'],
    ['{"children":[],"children":[]}', 'body_not_json'],
    ['{"children":[],"children":{"id":1}}', 'body_not_json'],
  ])('%j is refused as %s, in one piece and byte by byte', async (text, code) => {
    await expect(read(text)).rejects.toMatchObject({ code, step: 'format' });
    await expect(read(text, 1)).rejects.toMatchObject({ code });
  });

  test('cut off anywhere it is never a shorter tree', async () => {
    const bytes = Buffer.from(JSON.stringify(tree));
    for (let at = 0; at < bytes.length; at++) {
      await expect(read(bytes.subarray(0, at)), `cut at ${at}`).rejects.toMatchObject({ step: 'format' });
    }
  });

  test('of another encoding, too deep or with too large a node it is refused', async () => {
    await expect(read(Buffer.from('\uFEFF{}', 'utf16le'))).rejects.toMatchObject({ code: 'body_not_utf8' });
    const nested = (levels: number) => `${'{"children":['.repeat(levels)}{}${']}'.repeat(levels)}`;
    expect(await read(nested(mostTreeLevels))).toHaveLength(2 * mostTreeLevels + 1);
    await expect(read(nested(mostTreeLevels + 1))).rejects.toMatchObject({ code: 'body_wrong_shape' });
    const parsed = JSON.parse(nested(mostTreeLevels + 1)) as TreeNode;
    expect(() => [...walkTree(parsed, 'children')]).toThrow(expect.objectContaining({ code: 'body_wrong_shape' }));
    const small = readJsonTree(
      (async function* () {
        for (let n = 0; n < 10; n++) yield Buffer.from(n === 0 ? '{"a":"' : 'x'.repeat(40));
      })(),
      { ...options, maxNodeBytes: 200 },
    );
    await expect(small.next()).rejects.toMatchObject({ code: 'body_too_large' });
  });

  test('what lies too deep in one node, or is no UTF-8, is said of that node, and the walk goes on', async () => {
    const deep = `{"id":1.10,"deep":${'['.repeat(200)}${']'.repeat(200)}}`;
    const broken = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    const bytes = Buffer.concat([Buffer.from(`{"children":[${deep},`), broken, Buffer.from(',{"id":2}]}')]);
    const closed = (await read(bytes)).filter(({ type }) => type === 'close');
    expect(closed.map(({ fault }) => fault)).toEqual(['too_deep', 'not_utf8', undefined, undefined]);
    expect(closed[1]?.node).toEqual({ name: '\uFFFD' } satisfies Json);
  });
});
