// Every worker with its last heartbeat, its slots and the runs that it holds.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { System } from '../../api-types.ts';
import type { IconName } from '../../look/icon.tsx';
import { Badge, type Tone } from '../../look/status.tsx';
import { Section } from '../../parts/page-parts.tsx';
import { shortId } from '../../parts/run/receipt.tsx';
import { When } from '../../parts/when.tsx';
import { useWords } from '../../words/words.ts';
import { ago } from './times.ts';

type Worker = System['workers'][number];

const looks: Record<'alive' | 'silent' | 'replaced' | 'other', [Tone, IconName]> = {
  alive: ['green', 'check'],
  silent: ['red', 'bolt'],
  replaced: ['grey', 'pause'],
  other: ['grey', 'dot'],
};

function stateOf({ is_alive, is_replaced, slots }: Worker): keyof typeof looks {
  if (is_alive) return 'alive';
  if (slots === null) return 'other';
  return is_replaced ? 'replaced' : 'silent';
}

const order = ['alive', 'other', 'silent', 'replaced'];

/** Those that work first, in the order in which they began. */
function inOrder(workers: readonly Worker[]): readonly Worker[] {
  return workers.toSorted((a, b) => order.indexOf(stateOf(a)) - order.indexOf(stateOf(b)));
}

export function Workers({ system }: { system: System }): ReactNode {
  const { system: words } = useWords();
  const { workers, queue } = system;
  const alive = workers.filter(({ is_alive }) => is_alive);
  const used = alive.reduce((sum, { runs }) => sum + runs.length, 0);
  const aside = alive.length === 0 ? undefined : words.alive(alive.length, words.slotsOf(used, queue.slots));
  const names = words.worker;
  return (
    <Section title={words.workers} aside={aside}>
      {workers.length === 0 ? (
        <p className="soft">{words.noWorkers}</p>
      ) : (
        <div className="table-frame">
          <table className="rows">
            <caption className="hidden">{words.workers}</caption>
            <thead>
              <tr>
                {[names.name, names.state, names.heard, names.slots, names.runs, names.version, names.began].map(
                  (name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {inOrder(workers).map((worker) => (
                <WorkerRow key={worker.worker} worker={worker} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

function WorkerRow({ worker }: { worker: Worker }): ReactNode {
  const { system: words, time } = useWords();
  const names = words.worker;
  const state = stateOf(worker);
  const [tone, icon] = looks[state];
  return (
    <tr>
      <td className="cell-name mono">{worker.worker}</td>
      <td data-label={names.state}>
        <Badge tone={tone} icon={icon}>
          {words.states[state]}
        </Badge>
      </td>
      <td data-label={names.heard} className="nowrap">
        {worker.silent_seconds === null ? '–' : worker.silent_seconds < 1 ? time.now : ago(worker.silent_seconds)}
      </td>
      <td data-label={names.slots}>
        {worker.slots === null ? '–' : <Slots used={worker.runs.length} all={worker.slots} />}
      </td>
      <td data-label={names.runs}>
        <Runs runs={worker.runs} />
      </td>
      <td data-label={names.version} className="mono">
        {worker.version ?? '–'}
      </td>
      <td data-label={names.began} className="soft">
        {worker.started_at === null ? '–' : <When at={worker.started_at} inTable />}
      </td>
    </tr>
  );
}

const mostSquares = 12;

/** A square for each slot, filled where a run is; many are said in numbers. */
function Slots({ used, all }: { used: number; all: number }): ReactNode {
  const { system: words } = useWords();
  if (all > mostSquares) return words.slotsOf(used, all);
  const squares = Array.from({ length: all }, (_, index) => ({ name: `slot ${index}`, isUsed: index < used }));
  return (
    <span className="slots">
      <span className="hidden">{words.slotsOf(used, all)}</span>
      {squares.map(({ name, isUsed }) => (
        <span key={name} aria-hidden="true" className={isUsed ? 'slot slot-used' : 'slot'} />
      ))}
    </span>
  );
}

function Runs({ runs }: Pick<Worker, 'runs'>): ReactNode {
  const { system: words } = useWords();
  if (runs.length === 0) return <span className="soft">{words.idle}</span>;
  return (
    <ul className="system-runs">
      {runs.map(({ id, source_name }) => (
        <li key={id}>
          <Link to="/runs/$runId" params={{ runId: id }}>
            {source_name ?? shortId(id)}
          </Link>
        </li>
      ))}
    </ul>
  );
}
