// The entries of a ZIP archive held in memory, inflated in a stream and never beyond a cap.
import { createInflateRaw } from 'node:zlib';
import { fileMalformed } from '../file-error.ts';

interface ZipEntry {
  method: number;
  /** Its bytes as they lie in the archive. */
  start: number;
  size: number;
}

const endMark = 0x06054b50;
const entryMark = 0x02014b50;
const localMark = 0x04034b50;
// The end record has at most 64 KiB of comment behind its 22 bytes.
const mostEndBytes = 22 + 0xffff;
const mostEntries = 10_000;

/** Reads the archive's directory: name → entry. Throws TillsyncError file_malformed, also for encrypted archives. */
export function zipEntries(archive: Buffer): ReadonlyMap<string, ZipEntry> {
  try {
    return readDirectory(archive);
  } catch (error) {
    // A position that points outside the archive.
    if (error instanceof RangeError) throw broken('its directory is damaged');
    throw error;
  }
}

function readDirectory(archive: Buffer): Map<string, ZipEntry> {
  const end = endRecord(archive);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  if (at === 0xffffffff || count > mostEntries) throw broken('it is too large');
  const entries = new Map<string, ZipEntry>();
  for (let index = 0; index < count; index++) {
    if (archive.readUInt32LE(at) !== entryMark) throw broken('its directory is damaged');
    if ((archive.readUInt16LE(at + 8) & 1) !== 0) throw broken('it is protected by a password');
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const name = archive.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    const local = archive.readUInt32LE(at + 42);
    if (archive.readUInt32LE(local) !== localMark) throw broken('its directory is damaged');
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    entries.set(name, { method: archive.readUInt16LE(at + 10), start, size: archive.readUInt32LE(at + 20) });
    at += 46 + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return entries;
}

function endRecord(archive: Buffer): number {
  const from = Math.max(0, archive.length - mostEndBytes);
  for (let at = archive.length - 22; at >= from; at--) {
    if (archive.readUInt32LE(at) === endMark) return at;
  }
  throw broken('it ends before its directory');
}

/** The bytes of an entry. Throws TillsyncError file_malformed past `mostBytes`, and where it is damaged. */
export async function* inflated(
  archive: Buffer,
  { method, start, size }: ZipEntry,
  mostBytes: number,
): AsyncGenerator<Buffer, void, void> {
  if (start + size > archive.length) throw broken('an entry of it is cut off');
  const stored = archive.subarray(start, start + size);
  if (method === 0) {
    yield stored;
    return;
  }
  if (method !== 8) throw broken('it is compressed in an unknown way');
  const inflating = createInflateRaw({ chunkSize: 64 * 1024 });
  inflating.end(stored);
  let total = 0;
  try {
    for await (const bytes of inflating) {
      total += (bytes as Buffer).length;
      if (total > mostBytes) throw broken(`an entry of it is larger than ${mostBytes / 1024 / 1024} MiB`);
      yield bytes as Buffer;
    }
  } catch (error) {
    if (error instanceof Error && 'errno' in error) throw broken('an entry of it is damaged');
    throw error;
  } finally {
    inflating.destroy();
  }
}

function broken(what: string): Error {
  return fileMalformed(
    `as a workbook, ${what}`,
    'Open it in a spreadsheet program and save it again, or save it as CSV.',
  );
}
