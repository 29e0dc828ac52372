// How many streams of events are open at once: each holds a connection and a place in the memory of the process.
import { TillsyncError } from '../../../errors.ts';

export interface StreamSeats {
  /** Takes one; the function that it gives lets it go. Throws TillsyncError streams_exhausted (503). */
  take(): () => void;
}

/** Seats for so many streams of all kinds. */
export function streamSeats(most: number): StreamSeats {
  let taken = 0;
  return {
    take() {
      if (taken >= most) throw tooManyStreams(most);
      taken++;
      let isTaken = true;
      return () => {
        if (isTaken) taken--;
        isTaken = false;
      };
    },
  };
}

function tooManyStreams(most: number): TillsyncError {
  return new TillsyncError(`${most} streams of events are open already.`, {
    code: 'streams_exhausted',
    step: 'sync',
    retry: { afterSeconds: 5 },
    effect: 'Nothing was changed.',
    hint: 'Ask for the runs themselves every few seconds instead, or close streams that nobody looks at.',
    status: 503,
  });
}
