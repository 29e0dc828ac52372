// tillsync worker: takes syncs from the queue, until Ctrl-C or SIGTERM.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import type { Worker } from '../../../worker/start-worker.ts';
import { wholeNumber } from '../../parse-options.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { withApp } from '../../with-app.ts';

interface WorkerVerbOptions {
  slots?: number;
}

export const workerVerb: Verb = {
  define(command) {
    command
      .option('--slots <number>', 'syncs at once (default: TILLSYNC_WORKER_SLOTS, 4)', wholeNumber(1, 64))
      .addHelpText(
        'after',
        `\nCtrl-C or SIGTERM: it takes nothing more, lets syncs end for TILLSYNC_DRAIN_SECONDS, and gives the rest back to the queue.
A second Ctrl-C ends it at once; another worker does over what it was at.\n${examples(
          'tillsync worker',
          'tillsync worker --slots 8 --database-url postgresql://…',
        )}`,
      )
      .action((_options: WorkerVerbOptions, self: Command) => {
        const { slots } = optionsOf<WorkerVerbOptions>(self);
        return withApp(self, (app, signal) => work(app, { slots, signal, json: optionsOf(self).json === true }), {
          schema: 'migrate',
          stopsItself: true,
          logs: true,
          needsKey: true,
          slots: (config) => slots ?? config.workerSlots,
          serves: true,
        });
      });
  },
};

async function work(app: App, of: { slots: number | undefined; signal: AbortSignal; json: boolean }): Promise<number> {
  const worker = await startWorkerOf(app, of.slots);
  const slots = of.slots ?? app.config.workerSlots;
  if (of.json) writeJson({ worker: app.deps.worker, slots });
  else writeOut(`Worker ${app.deps.worker} takes up to ${slots} syncs at once.\n`);
  writeTalk('Ctrl-C stops it.\n');
  await aborted(of.signal);
  writeTalk('Stopping …\n');
  await worker.stop();
  return 0;
}

/** Starts the worker of this process, with its settings. */
export async function startWorkerOf(app: App, slots = app.config.workerSlots): Promise<Worker> {
  const { startWorker } = await import('../../../worker/start-worker.ts');
  return await startWorker(app.deps, { slots, drainSeconds: app.config.drainSeconds });
}

/** Resolves when the signal ends. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
