// Run as a process of its own: starts the embedded PostgreSQL of argv[2], prints what it got, leaves it on SIGTERM.
import { startEmbedded } from '../../src/db/embedded/start-embedded.ts';
import { TillsyncError } from '../../src/errors.ts';

const [, , dataDir = ''] = process.argv;
try {
  const embedded = await startEmbedded({ dataDir, durable: false });
  const alive = setInterval(() => undefined, 60_000);
  process.once('SIGTERM', () => {
    clearInterval(alive);
    void embedded.stop();
  });
  process.stdout.write(`${JSON.stringify({ attached: embedded.attached, url: embedded.url })}\n`);
} catch (error) {
  if (!(error instanceof TillsyncError)) throw error;
  const { code, message, hint } = error;
  process.stdout.write(`${JSON.stringify({ code, message, hint })}\n`);
}
