// The audit log: who did what, when and from where, with before and after.
import type { ReactNode } from 'react';
import type { AuditEntry } from '../../api-types.ts';
import { TextField } from '../../parts/filter-field.tsx';
import { PageHead } from '../../parts/page-parts.tsx';
import { RowsState } from '../../parts/rows-state.tsx';
import { DiffLines } from '../../parts/run/diff-lines.tsx';
import { useFilter } from '../../parts/use-filter.ts';
import { When } from '../../parts/when.tsx';
import { usePages } from '../../queries/runs.ts';
import { useWords } from '../../words/words.ts';

export function AuditPage(): ReactNode {
  const { audit, pages } = useWords();
  const [filter, setFilter] = useFilter();
  const { actor, action, from } = filter;
  const entries = usePages<AuditEntry>('/audit', { actor, action, from, limit: 50 });
  return (
    <>
      <PageHead title={pages.audit}>{audit.intro}</PageHead>
      <search className="filters">
        <TextField label={audit.actor} value={actor} onChange={(text) => setFilter({ actor: text })} />
        <TextField label={audit.action} value={action} onChange={(text) => setFilter({ action: text })} />
        <TextField label={audit.from} type="date" value={from} onChange={(day) => setFilter({ from: day })} />
        <a className="download" href="/api/v1/audit/export?format=csv" download>
          {audit.download}
        </a>
      </search>
      <RowsState pages={entries} icon="list" none={audit.none}>
        {(rows) => (
          <ul className="diff">
            {rows.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </ul>
        )}
      </RowsState>
    </>
  );
}

function fieldsOf({ before, after }: AuditEntry): Record<string, [unknown, unknown]> {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return Object.fromEntries(names.map((name) => [name, [before?.[name] ?? null, after?.[name] ?? null]]));
}

/** What was not there before has no old value to strike. */
function Facts({ facts }: { facts: Readonly<Record<string, unknown>> }): ReactNode {
  return (
    <dl className="diff-lines">
      {Object.entries(facts).map(([name, value]) => (
        <div key={name} className="diff-line">
          <dt>{name}</dt>
          <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Entry({ entry }: { entry: AuditEntry }): ReactNode {
  const fields = fieldsOf(entry);
  return (
    <li className="diff-item audit-item">
      <span aria-hidden="true" />
      <div className="diff-head">
        <span>
          <span className="strong">{entry.action}</span> {entry.subject_name ?? entry.subject_id ?? ''}
        </span>
        <span className="soft small">
          {entry.actor} · <When at={entry.at} inTable />
          {entry.address === null ? '' : ` · ${entry.address}`}
        </span>
      </div>
      {Object.keys(fields).length === 0 ? null : entry.before === null ? (
        <Facts facts={entry.after ?? {}} />
      ) : (
        <DiffLines fields={fields} />
      )}
    </li>
  );
}
