// One live line on stderr while a run goes on; nothing at all when stderr is not a terminal.
import { count, duration, size } from './quantities.ts';

export interface Progress {
  phase: string | null;
  items?: number | null;
  bytes?: number | null;
}

/** A terminal's stderr, as far as it is needed here. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface ProgressLine {
  show(progress: Progress): void;
  /** Wipes the line, so that what follows starts clean. */
  end(): void;
}

/** Opens the line. It is redrawn when something was reported and twice a second, so that a silent wait moves too. */
export function openProgressLine(screen: Screen = process.stderr): ProgressLine {
  if (screen.isTTY !== true) return { show: () => undefined, end: () => undefined };
  const started = Date.now();
  let last: Progress = { phase: null };
  const draw = () => {
    const text = progressText(last, Date.now() - started);
    screen.write(`\r\u001b[2K${text.slice(0, Math.max(20, (screen.columns ?? 80) - 1))}`);
  };
  const timer = setInterval(draw, 500);
  timer.unref();
  return {
    show(progress) {
      last = progress;
      draw();
    },
    end() {
      clearInterval(timer);
      screen.write('\r\u001b[2K');
    },
  };
}

/** e.g. 'fetch  1,120 items  3.2 MB  1.4 s'. */
export function progressText(progress: Progress, elapsedMs: number): string {
  const parts = [progress.phase ?? 'starting'];
  if (progress.items != null && progress.items > 0) parts.push(`${count(progress.items)} items`);
  if (progress.bytes != null && progress.bytes > 0) parts.push(size(progress.bytes));
  parts.push(duration(elapsedMs));
  return `  ${parts.join('  ')}`;
}
