// Run as a process of its own: syncs what it is told on stdin, and stops itself (SIGSTOP) at the named point, if there is one.
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { openDatabase } from '../../../src/db/database.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { requestSync } from '../../../src/sync/request-sync.ts';
import { runSync } from '../../../src/sync/run-sync.ts';
import { depsOver } from '../deps-over.ts';
import { type Point, watchPoints } from './points.ts';

/** One line on stdin. */
export interface Order {
  configId: string;
  point: Point | null;
  leaseSeconds: number;
}

/** One line on stdout: ready, standing at the point, or at the end of the run. */
export type Report =
  | { is: 'ready' }
  | { is: 'stopped'; runId: string }
  | { is: 'ended'; runId: string; status: string };

const [, , url = ''] = process.argv;
// At once and whole: after the next line nothing of this process runs any more.
const say = (report: Report) => void writeSync(1, `${JSON.stringify(report)}\n`);

let runId = '';
let point: Point | null = null;
let copying: string | null = null;
let points = watchPoints(() => undefined);

const arrived = ({ name, nth }: Point) => {
  if (point === null || point.name !== name || point.nth !== nth) return;
  point = null;
  say({ is: 'stopped', runId });
  process.kill(process.pid, 'SIGSTOP');
};

// A message of COPY's data begins with d: behind the first one the server is inside the COPY and waits for more.
const copyData = 0x64;
const write = Socket.prototype.write;
Socket.prototype.write = function (this: Socket, ...words: unknown[]) {
  const sent = Reflect.apply(write, this, words) as boolean;
  const [bytes] = words;
  if (copying !== null && bytes instanceof Uint8Array && bytes[0] === copyData) {
    const name = `inside ${copying}`;
    copying = null;
    void points.arrive(name);
  }
  return sent;
} as typeof write;

const database = await openDatabase({
  url,
  max: 4,
  onStatement: async (statement) => {
    await points.onStatement(statement);
    if (/^\s*copy integration_\w+ /.test(statement)) copying = statement.trim().split(/\s+/).slice(0, 2).join(' ');
  },
});
const deps: Deps = { ...(await depsOver(database)), worker: `child:${process.pid}`, leaseSeconds: 1 };

async function work(order: Order): Promise<void> {
  const { run } = await requestSync(
    { ...deps, leaseSeconds: 2 },
    { configId: order.configId, trigger: 'manual', requestedBy: 'child' },
  );
  runId = run.id;
  point = order.point;
  points = watchPoints(arrived);
  const own = { ...points.fetching(deps), leaseSeconds: order.leaseSeconds };
  const status = await runSync(own, runId, { onProgress: points.onProgress }).then(
    (ended) => ended.status,
    () => 'thrown',
  );
  // A point that this run did not come to is none of the next one.
  point = null;
  say({ is: 'ended', runId, status });
}

say({ is: 'ready' });
for await (const line of createInterface({ input: process.stdin })) await work(JSON.parse(line));
await database.close();
