// The queue in four numbers, each with a way on, and what else waits in a sentence.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { System } from '../../api-types.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';
import { span } from './times.ts';

export function QueueFigures({ queue }: Pick<System, 'queue'>): ReactNode {
  const { system: words } = useWords();
  const sentences = [
    queue.queued === 0 ? words.nothingWaits : words.oldest(span(queue.oldest_queued_seconds)),
    queue.retries_waiting === 0 ? null : words.retries(queue.retries_waiting),
    queue.late_configs === 0 ? null : words.late(queue.late_configs),
  ].filter((sentence) => sentence !== null);
  return (
    <>
      <dl className="figures system-figures">
        <Figure name={words.queued} value={queue.queued} search={{ status: 'queued' }} />
        <Figure name={words.active} value={queue.active} search={{ status: 'in_progress' }} />
        <Figure name={words.failed} value={queue.failed_last_day} search={{ status: 'failed' }} />
        <div>
          <dt>{words.holds}</dt>
          <dd>
            <Link to="/holds">{number(queue.open_holds)}</Link>
          </dd>
        </div>
      </dl>
      <p className="soft system-under">{sentences.join(' ')}</p>
    </>
  );
}

function Figure({ name, value, search }: { name: string; value: number; search: { status: string } }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Link to="/history" search={search as never}>
          {number(value)}
        </Link>
      </dd>
    </div>
  );
}
