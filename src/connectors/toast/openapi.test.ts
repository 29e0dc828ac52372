// The pretend Toast against the vendor's own description of the menus API, where this machine has it; it is no part of the repository.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeModel } from './fake/fake-model.ts';
import { menusDocument } from './fake/menus-document.ts';

interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  'x-nullable'?: boolean;
}

const path = join(import.meta.dirname, '../../../../shared/data/toast/toast-menus-v2-openapi.yaml');
const isHere = existsSync(path);
if (!isHere) process.stderr.write('The OpenAPI document of Toast is not on this machine: its test is skipped.\n');

test.skipIf(!isHere)(
  'the menus of the pretend restaurant have every member, and only those, that Toast describes',
  () => {
    const { definitions } = readBlocks(readFileSync(path, 'utf8')) as unknown as {
      definitions: Record<string, Schema>;
    };
    const model = makeModel({ products: 60, modifiers: 400, discounts: 0 });
    const document = menusDocument(model, { lastUpdated: '2026-01-01T12:00:00.000+0000', firstReference: 1 });
    const faults = faultsOf({ $ref: '#/definitions/Restaurant' }, document, { definitions, where: '' });
    expect([...new Set(faults)]).toEqual([]);
    const broken = { ...document, menus: [{ name: 7, unknown: true }] };
    expect(faultsOf({ $ref: '#/definitions/Restaurant' }, broken, { definitions, where: '' })).toContain(
      '.menus[].name: no string',
    );
  },
);

interface Looking {
  definitions: Record<string, Schema>;
  where: string;
}

// Named by places without numbers, so that a thousand equal faults are one.
function faultsOf(described: Schema, value: unknown, { definitions, where }: Looking): string[] {
  const named = described.$ref ?? described.items?.$ref;
  // Where an object has items, the vendor's text means the object that the items describe.
  const isMeant = described.$ref !== undefined || described.type === 'object';
  const schema = isMeant && named !== undefined ? (definitions[named.split('/').at(-1) ?? ''] as Schema) : described;
  if (value === null) {
    return schema['x-nullable'] === true || described['x-nullable'] === true ? [] : [`${where}: null`];
  }
  if (schema.additionalProperties !== undefined) {
    const inner = { definitions, where: `${where}{}` };
    return Object.values(value as object).flatMap((each) =>
      faultsOf(schema.additionalProperties as Schema, each, inner),
    );
  }
  if (schema.type === 'array') {
    if (!Array.isArray(value)) return [`${where}: no array`];
    return value.flatMap((each) => faultsOf(schema.items as Schema, each, { definitions, where: `${where}[]` }));
  }
  if (schema.properties === undefined) return isOfType(schema, value) ? [] : [`${where}: no ${schema.type}`];
  const object = value as Record<string, unknown>;
  const unknown = Object.keys(object).filter((name) => schema.properties?.[name] === undefined);
  const inner = Object.entries(schema.properties).flatMap(([name, property]) =>
    Object.hasOwn(object, name)
      ? faultsOf(property, object[name], { definitions, where: `${where}.${name}` })
      : [`${where}.${name}: missing`],
  );
  return [...unknown.map((name) => `${where}.${name}: unknown`), ...inner];
}

function isOfType({ type, enum: values }: Schema, value: unknown): boolean {
  if (type === 'integer') return Number.isSafeInteger(value);
  if (values !== undefined && !values.includes(value)) return false;
  return typeof value === type;
}

type Block = string | true | Block[] | { [name: string]: Block };

/** As much of YAML as the vendor's document is written in: nested names, lists of scalars, texts over several lines. */
function readBlocks(text: string): Block {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  let at = 0;
  const indentOf = (line: string) => line.length - line.trimStart().length;
  const skipDeeper = (indent: number) => {
    while (at < lines.length && indentOf(lines[at] as string) > indent) at++;
    return '';
  };
  const read = (indent: number): Block => {
    const block: { [name: string]: Block } = {};
    const list: Block[] = [];
    while (at < lines.length && indentOf(lines[at] as string) === indent) {
      const line = (lines[at] as string).trim();
      // A list may stand at the indentation of its name.
      if (line.startsWith('- ')) {
        at++;
        list.push(line.slice(2));
        skipDeeper(indent);
        continue;
      }
      if (list.length > 0) break;
      at++;
      const [, name = '', rest = ''] = /^'?"?([^:'"]+)'?"?:\s*(.*)$/.exec(line) ?? [];
      block[name] = /^[|>]/.test(rest) ? skipDeeper(indent) : rest === '' ? below(indent) : scalar(rest);
      if (rest !== '') skipDeeper(indent);
    }
    return list.length > 0 ? list : block;
  };
  const below = (indent: number): Block => {
    const next = lines[at] ?? '';
    const deeper = indentOf(next);
    return deeper > indent || (deeper === indent && next.trim().startsWith('- ')) ? read(deeper) : '';
  };
  return read(0);
}

function scalar(text: string): Block {
  return text === 'true' ? true : text.replace(/^(['"])(.*)\1$/, '$2');
}
