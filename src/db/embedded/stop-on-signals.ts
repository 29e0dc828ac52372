// Leaves the embedded PostgreSQL cleanly when this process is told to end, for programs that catch no signals themselves.

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * On the first SIGINT, SIGTERM or SIGHUP runs `stop`, then lets the signal end the process as it would have.
 * A second signal ends it at once. Returns what takes the handlers away again.
 */
export function stopOnSignals(stop: () => Promise<void>): () => void {
  const remove = () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    remove();
    stop()
      .catch((error: unknown) => process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`))
      .finally(() => process.kill(process.pid, signal));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return remove;
}
