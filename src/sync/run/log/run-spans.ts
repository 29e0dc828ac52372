// A run as OpenTelemetry spans, where the operator has registered an SDK (NODE_OPTIONS=--import …); else all of it does nothing.
import { type Context, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Run, RunPhase } from '../../../records/runs/run.ts';

const tracerName = 'tillsync';

/** The spans of one run; attributes are ids and counts, never names or settings. */
export class RunSpans {
  readonly #runId: string;
  readonly #span: Span;
  readonly #inside: Context;
  #phase: Span | null = null;

  constructor({ run, sourceId, worker }: { run: Run; sourceId: string; worker: string }) {
    this.#runId = run.id;
    this.#span = trace.getTracer(tracerName).startSpan('tillsync.run', {
      attributes: {
        'tillsync.run': run.id,
        'tillsync.source': sourceId,
        'tillsync.config': run.config_id ?? '',
        'tillsync.worker': worker,
        'tillsync.trigger': run.trigger,
        'tillsync.dry_run': run.dry_run,
      },
    });
    this.#inside = trace.setSpan(context.active(), this.#span);
  }

  /** Runs the work with the run's span as the active one, so that spans of other instrumentation hang below it. */
  within<T>(work: () => Promise<T>): Promise<T> {
    return context.with(this.#inside, work);
  }

  /** Begins the span of a phase and ends that of the one before. */
  phase(name: RunPhase): void {
    this.#phase?.end();
    const attributes = { 'tillsync.run': this.#runId };
    this.#phase = trace.getTracer(tracerName).startSpan(`tillsync.${name}`, { attributes }, this.#inside);
  }

  end(run: Run): void {
    this.#phase?.end();
    this.#span.setAttributes({ 'tillsync.status': run.status, 'tillsync.items': run.items_synced });
    if (run.error !== null) {
      this.#span.setAttribute('tillsync.error', run.error.code);
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: run.error.message });
    }
    this.#span.end();
  }
}
