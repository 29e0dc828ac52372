// A process of its own that adopts the database of its first argument and writes one dot per statement; made to be killed.
import { writeSync } from 'node:fs';
import { adopt } from '../../src/db/adopt/adopt.ts';
import { openDatabase } from '../../src/db/database.ts';
import { ports } from './test-ports.ts';

let dots = false;
const database = await openDatabase({
  url: process.argv[2] ?? '',
  onStatement: () => {
    if (dots) writeSync(1, '.');
  },
});
dots = true;
await adopt(database, ports);
// Stays until it is killed: the last kills land after the last statement was sent, never after a clean end.
setInterval(() => undefined, 60_000);
