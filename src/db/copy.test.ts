// COPY out of a real database: every piece stays what it was, however large the rows and however long it is kept.
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { freshDatabase } from '../../test/support/database.ts';
import { copyOut } from './copy.ts';

it.each([100, 30_000, 65_000, 70_000, 300_000])(
  'pieces that are kept do not change: rows of %i bytes',
  async (size) => {
    const { database } = await freshDatabase({ migrated: false });
    const rows = Math.ceil(6_000_000 / size);
    await database.withConnection(async (connection) => {
      const kept: Buffer[] = [];
      const atOnce = createHash('sha256');
      await copyOut(
        connection,
        `copy (select repeat(chr(65 + n % 26), ${size}) from generate_series(1, ${rows}) n) to stdout`,
        (bytes) => {
          atOnce.update(bytes);
          kept.push(bytes);
        },
      );
      const whole = Buffer.concat(kept);
      expect(whole.length).toBe(rows * (size + 1));
      expect(createHash('sha256').update(whole).digest('hex')).toBe(atOnce.digest('hex'));
      const lines = whole.toString('latin1').split('\n');
      const isRight = (line: string, n: number) => line === String.fromCharCode(65 + ((n + 1) % 26)).repeat(size);
      expect(lines.slice(0, rows).findIndex((line, n) => !isRight(line, n))).toBe(-1);
    });
  },
);
