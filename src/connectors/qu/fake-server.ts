// The pretend Qu POS as a process of its own: prints its address, ends with SIGTERM or with the process that started it.
import { parseArgs } from 'node:util';
import { startFakeQu } from './fake.ts';

const { values } = parseArgs({ options: { port: { type: 'string' }, seed: { type: 'string' } } });
const pos = await startFakeQu({
  ...(values.port === undefined ? {} : { port: Number(values.port) }),
  ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
});
process.stdout.write(`${pos.url}\n`);

const stop = () => {
  void pos.stop().then(() => process.exit(0));
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// Started with an IPC channel, it does not outlive its parent, however that one ends.
if (process.connected) process.once('disconnect', stop);
