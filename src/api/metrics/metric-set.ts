// Every metric of the server, by name, in a registry of its own; docs/reference/metrics.md says what each means.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const runStatuses = ['success', 'partial', 'planned', 'held', 'failed', 'interrupted', 'cancelled'];
const outcomes = ['created', 'updated', 'unchanged', 'removed', 'restored', 'duplicates', 'filtered'];

// From an unchanged catalog (tens of ms) to a first sync of a million items.
const buckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000];

export type MetricSet = ReturnType<typeof makeMetrics>;

/** The metrics, all at zero where they count. Labels are fixed words: no name of a source or tenant is ever one. */
export function makeMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name: `tillsync_${name}`, help, registers });
  const set = {
    registry,
    databaseUp: gauge('database_up', 'Whether the database answered this scrape'),
    queued: gauge('queue_runs', 'Runs that wait for a worker'),
    oldestQueued: gauge('queue_oldest_seconds', 'Seconds since the oldest waiting run was asked for'),
    active: gauge('runs_active', 'Runs at work'),
    openHolds: gauge('holds_open', 'Held runs that wait for a person'),
    lateConfigs: gauge('configs_late', 'Configs whose schedule is overdue'),
    payloadBytes: gauge('payload_bytes', 'Bytes on disk of the stored answers'),
    pool: new Gauge({
      name: 'tillsync_pool_connections',
      help: 'Connections of this process to the database',
      labelNames: ['state'],
      registers,
    }),
    poolWaiting: gauge('pool_waiting', 'Statements of this process that wait for a connection'),
    runs: new Counter({ name: 'tillsync_runs_total', help: 'Runs that ended', labelNames: ['status'], registers }),
    runSeconds: new Histogram({
      name: 'tillsync_run_duration_seconds',
      help: 'Seconds from the claim of a run to its end',
      buckets,
      registers,
    }),
    phaseSeconds: new Histogram({
      name: 'tillsync_run_phase_duration_seconds',
      help: 'Seconds of one phase of a run',
      labelNames: ['phase'],
      buckets,
      registers,
    }),
    items: new Counter({ name: 'tillsync_items_total', help: 'Items by outcome', labelNames: ['outcome'], registers }),
    rejected: new Counter({ name: 'tillsync_items_rejected_total', help: 'Items that were set aside', registers }),
    takeovers: new Counter({
      name: 'tillsync_lease_takeovers_total',
      help: 'Runs that were ended because their worker fell silent',
      registers,
    }),
  };
  for (const status of runStatuses) set.runs.inc({ status }, 0);
  for (const outcome of outcomes) set.items.inc({ outcome }, 0);
  for (const phase of ['fetch', 'format', 'plan', 'save']) set.phaseSeconds.zero({ phase });
  addProcessMetrics(registry);
  return set;
}

// Under the names that dashboards for Node.js know. Not the library's whole set: it keeps observers that nothing ends.
function addProcessMetrics(registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU seconds of this process',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of this process',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When this process began, in seconds since 1970',
    registers,
  }).set(Math.round(performance.timeOrigin / 1_000));
  new Gauge({
    name: 'nodejs_heap_size_used_bytes',
    help: 'Used heap of this process',
    registers,
    collect() {
      this.set(process.memoryUsage().heapUsed);
    },
  });
  new Gauge({
    name: 'nodejs_eventloop_lag_seconds',
    help: 'How late the event loop came to this scrape',
    registers,
    async collect() {
      const began = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      this.set((performance.now() - began) / 1_000);
    },
  });
}
