// Workbooks: what their cells say, which sheet is read, and what is no workbook.
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { FilePart } from './file-part.ts';
import { xlsxRows } from './xlsx-rows.ts';

/** A ZIP archive of these files. */
function zip(files: Readonly<Record<string, string>>, flags = 0): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const packed = deflateRawSync(text);
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt16LE(flags, 2);
    header.writeUInt16LE(8, 4);
    header.writeUInt32LE(crc32(text), 10);
    header.writeUInt32LE(packed.length, 14);
    header.writeUInt32LE(Buffer.byteLength(text), 18);
    header.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), header, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), header, tail, Buffer.from(name)]));
    locals.push(local);
    at += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, entries, end]);
}

const sheetOf = (rows: string) => `<?xml version="1.0"?><worksheet><sheetData>${rows}</sheetData></worksheet>`;
const header = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>';
const row2 =
  '<row r="3"><c r="A3"><v>1.2E3</v></c><c r="B3" t="s"><v>3</v></c><c r="C3"><v>12.990000000000002</v></c></row>';
const row3 = '<row r="4"><c r="A4" t="inlineStr"><is><t>a &amp; b&#x41;</t></is></c><c r="C4" t="b"><v>1</v></c></row>';
const files = {
  'xl/workbook.xml':
    '<x:workbook><x:sheets><x:sheet name="Menu" r:id="r2"/><x:sheet name="Old" r:id="r1"/></x:sheets></x:workbook>',
  'xl/_rels/workbook.xml.rels':
    '<Relationships><Relationship Id="r1" Target="worksheets/a.xml"/><Relationship Id="r2" Target="/xl/worksheets/b.xml"/></Relationships>',
  'xl/sharedStrings.xml':
    '<sst><si><t>id</t></si><si><t>name</t></si><si><r><t>pr</t></r><r><t>ice</t></r></si><si><t>Tee<![CDATA[ <1>]]></t><rPh><t>no</t></rPh></si></sst>',
  'xl/worksheets/a.xml': sheetOf('<row r="1"><c r="A1" t="str"><v>old</v></c></row>'),
  'xl/worksheets/b.xml': sheetOf(header + row2 + row3),
};

async function read(archive: Buffer, sheet: string | null = null): Promise<FilePart[]> {
  async function* pieces() {
    for (let at = 0; at < archive.length; at += 100) yield archive.subarray(at, at + 100);
  }
  const parts: FilePart[] = [];
  for await (const batch of xlsxRows(pieces(), sheet)) parts.push(...batch);
  return parts;
}

describe('a workbook', () => {
  test('is read row by row: texts, numbers as people see them, switches; the row of the sheet is said', async () => {
    expect(await read(zip(files))).toEqual([
      { type: 'columns', names: ['id', 'name', 'price'] },
      { type: 'row', place: 'row 3', kind: null, values: { id: 1200, name: 'Tee <1>', price: 12.99 } },
      { type: 'row', place: 'row 4', kind: null, values: { id: 'a & bA', name: null, price: true } },
    ]);
  });

  test('gives another sheet by its name, and says which there are', async () => {
    expect(await read(zip(files), 'Old')).toEqual([{ type: 'columns', names: ['old'] }]);
    await expect(read(zip(files), 'New')).rejects.toMatchObject({ hint: expect.stringContaining('Menu, Old') });
  });

  test('with an error in a cell has that row set aside', async () => {
    const rows = `${header}<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>`;
    const [, row] = await read(zip({ ...files, 'xl/worksheets/b.xml': sheetOf(rows) }));
    expect(row).toMatchObject({ fault: { reason: 'error_value', message: 'A cell holds the error #REF!.' } });
  });

  test.each([
    ['its directory', zip(files).subarray(0, 900)],
    ['protected by a password', zip(files, 1)],
    ['its XML is damaged', zip({ ...files, 'xl/worksheets/b.xml': '<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>' })],
    ['its sheet breaks off', zip({ ...files, 'xl/worksheets/b.xml': `<worksheet><sheetData>${header}` })],
    ['its sheet is empty', zip({ ...files, 'xl/worksheets/b.xml': sheetOf('') })],
    ['it has no xl/workbook.xml', zip({ 'word/document.xml': '<w/>' })],
  ])('that is none is refused: %s', async (what, archive) => {
    await expect(read(archive)).rejects.toMatchObject({
      code: 'file_malformed',
      message: expect.stringContaining(what),
    });
  });

  test('whose rows lie far beyond its header costs no more than its cells, and has no more rows than a workbook can', async () => {
    const far = Array.from({ length: 60_000 }, (_, n) => `<row r="${n + 2}"><c r="XFD${n + 2}"><v>1</v></c></row>`);
    const rows = await read(zip({ ...files, 'xl/worksheets/b.xml': sheetOf(header + far.join('')) }));
    expect(rows).toHaveLength(60_001);
    expect(rows[1]).toMatchObject({ place: 'row 2', values: { id: null }, fault: { reason: 'wrong_field_count' } });
    const many = '<row/>'.repeat(1_048_577);
    await expect(read(zip({ ...files, 'xl/worksheets/b.xml': sheetOf(header + many) }))).rejects.toMatchObject({
      message: expect.stringContaining('more rows than a workbook can have'),
    });
  });

  test('that was damaged anywhere is refused with a sentence or read, and never breaks anything', async () => {
    const whole = zip(files);
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0x55;
      const outcome = await read(damaged).catch((error: { code?: string }) => error.code ?? error);
      expect(typeof outcome === 'string' ? outcome : Array.isArray(outcome)).toEqual(
        typeof outcome === 'string' ? 'file_malformed' : true,
      );
    }
  });
});
