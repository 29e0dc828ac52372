// A process of its own that adopts the database of its first argument and writes one dot per statement, then an exclamation mark; made to be killed.
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
// Done: says so and stays until it is killed.
writeSync(1, '!');
setInterval(() => undefined, 60_000);
