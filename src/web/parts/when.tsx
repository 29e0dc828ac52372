// A time: relative, with the exact one in the reader's zone and in UTC on hover and focus.
import { Tooltip } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { exactly, relative, shortly, utc } from '../words/quantities.ts';
import { useWords } from '../words/words.ts';

/** Re-renders every so often, so that '3 minutes ago' stays true. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

interface WhenProps {
  /** ISO time; null = never. */
  at: string | null;
  /** Shown instead of 'never'. */
  empty?: string;
  /** 'Nov 22, 09:31' instead of '3 minutes ago'. */
  short?: boolean;
  /** In long tables a time is no stop of the keyboard: the page of the row has it. */
  inTable?: boolean;
}

export function When({ at, empty, short = false, inTable = false }: WhenProps): ReactNode {
  const words = useWords();
  const now = useNow(15_000);
  if (at === null) return <span className="soft">{empty ?? words.app.never}</span>;
  const label = (
    <>
      {exactly(at)}
      <br />
      {utc(at)}
    </>
  );
  return (
    <Tooltip label={label}>
      {/* Its exact form must be reached by keyboard too. */}
      <time className="nowrap" dateTime={at} {...(inTable ? {} : { tabIndex: 0 })}>
        {short ? shortly(at) : relative(at, words, now)}
      </time>
    </Tooltip>
  );
}
