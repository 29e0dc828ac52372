// Adoption, rehearsed: what would become of the tables of an original, or became of them, before anybody runs it.
import type { ReactNode } from 'react';
import type { Adoption } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Section, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Prose } from '../../parts/prose.tsx';
import { useAnswer } from '../../queries/calls.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';

type Report = NonNullable<Adoption['report']>;

export function AdoptionSection(): ReactNode {
  const { adoption: words } = useWords().detail;
  const answer = useAnswer<Adoption>('/adoption');
  const { data } = answer;
  return (
    <Section title={words.title}>
      {answer.error === null ? null : <Problem error={answer.error} onRetry={answer.refetch} />}
      {data === undefined && answer.error === null ? <Waiting rows={4} /> : null}
      {data === undefined ? null : (
        <div className="adoption">
          <p className={data.state === 'waiting' ? 'verdict ink-amber' : 'verdict'}>
            <Icon name={data.state === 'waiting' ? 'alert' : 'check'} />
            {words.states[data.state]}
          </p>
          {data.state === 'waiting' ? (
            <p>
              {words.run} <code>tillsync migrate</code>
            </p>
          ) : null}
          {data.report === null ? null : <AdoptionReport report={data.report} />}
          <Pending pending={data.pending} />
          <LockDown statements={data.lock_down} />
        </div>
      )}
    </Section>
  );
}

function AdoptionReport({ report }: { report: Report }): ReactNode {
  const { adoption: words } = useWords().detail;
  const { tables, lines, warnings } = report;
  return (
    <>
      {tables.length === 0 ? null : <Tables tables={tables} />}
      {tables.some(({ duplicate_groups }) => duplicate_groups > 0) ? (
        <>
          <p className="soft">{words.rule(report.rule)}</p>
          <Examples tables={tables} />
        </>
      ) : null}
      <Sources sources={report.sources} />
      <Lines title={words.warnings} lines={warnings} isOpen />
      <Lines title={words.steps} lines={lines} />
    </>
  );
}

function Tables({ tables }: { tables: Report['tables'] }): ReactNode {
  const { adoption: words } = useWords().detail;
  return (
    <div className="table-frame">
      <table className="rows">
        <caption className="hidden">{words.title}</caption>
        <thead>
          <tr>
            <th scope="col">{words.table}</th>
            <th scope="col" className="right">
              {words.total}
            </th>
            <th scope="col" className="right">
              {words.unowned}
            </th>
            <th scope="col">{words.duplicates}</th>
            <th scope="col">{words.lost}</th>
          </tr>
        </thead>
        <tbody>
          {tables.map((each) => (
            <tr key={each.table}>
              <td data-label={words.table} className="mono">
                {each.table}
              </td>
              <td data-label={words.total} className="right mono">
                {number(each.rows)}
              </td>
              <td data-label={words.unowned} className="right mono">
                {number(each.without_source)}
              </td>
              <td data-label={words.duplicates}>
                {words.duplicatesText(each.duplicate_losers, each.duplicate_groups)}
              </td>
              <td data-label={words.lost}>{words.lostText(each.unattributable)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Examples({ tables }: { tables: Report['tables'] }): ReactNode {
  const { adoption: words } = useWords().detail;
  const examples = tables.flatMap(({ table, examples: found }) => found.map((group) => ({ table, ...group })));
  return (
    <details className="raw">
      <summary>{words.examples}</summary>
      <ul className="plain-list adoption-examples">
        {examples.map(({ table, external_id, path_id, winner, losers }) => (
          <li key={`${table} ${winner}`}>
            <span className="mono">
              {external_id}
              {path_id === null ? '' : ` / ${path_id}`}
              <span className="under">{table}</span>
            </span>
            <span className="mono small">{words.stays(winner)}</span>
            <span className="mono small soft">{words.leaves(losers.join(', '))}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Sources({ sources }: { sources: Report['sources'] }): ReactNode {
  const { adoption: words } = useWords().detail;
  if (sources.length === 0) return null;
  return (
    <>
      <h3>{words.sources}</h3>
      <ul className="plain-list">
        {sources.map(({ id, name, identity, outcome, configs }) => (
          <li key={id}>
            <span>
              {name ?? id}
              <span className="under mono">
                {Object.entries(identity ?? {})
                  .map(([param, value]) => `${param}=${value}`)
                  .join(' ')}
              </span>
            </span>
            <span>{words.outcomes[outcome]}</span>
            <span className="soft">{words.configs(configs.length)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Lines({
  title,
  lines,
  isOpen = false,
}: {
  title: string;
  lines: readonly string[];
  isOpen?: boolean;
}): ReactNode {
  if (lines.length === 0) return null;
  return (
    <details className="raw" open={isOpen}>
      <summary>
        {title} ({number(lines.length)})
      </summary>
      <ul className="adoption-lines">
        {lines.map((line) => (
          <li key={line}>
            <Prose text={line} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Pending({ pending }: { pending: Adoption['pending'] }): ReactNode {
  const { adoption: words } = useWords().detail;
  if (pending.length === 0) return <p className="soft">{words.pendingNone}</p>;
  return (
    <>
      <h3>{words.pending}</h3>
      {pending.map(({ name, sql }) => (
        <Sql key={name} title={name} sql={sql} />
      ))}
    </>
  );
}

function LockDown({ statements }: { statements: readonly string[] }): ReactNode {
  const { adoption: words } = useWords().detail;
  if (statements.length === 0) return <p className="soft">{words.lockDownNone}</p>;
  return (
    <>
      <p>
        {words.lockDownText} <code>tillsync migrate --lock-down</code>
      </p>
      <Sql title={words.lockDown} sql={statements.map((statement) => `${statement};`).join('\n')} />
    </>
  );
}

function Sql({ title, sql }: { title: string; sql: string }): ReactNode {
  return (
    <details className="raw">
      <summary>{title}</summary>
      <CopyButton text={sql} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard. */}
      <pre className="code" tabIndex={0}>
        {sql}
      </pre>
    </details>
  );
}
