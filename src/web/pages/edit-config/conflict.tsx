// Two people changed one config: both values of each field side by side, and nothing that was typed is lost.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../../words/words.ts';
import type { Meanwhile } from './edits.ts';

interface ConflictProps {
  changes: readonly Meanwhile[];
  /** Drops what was typed in this field. */
  onTakeTheirs(change: Meanwhile): void;
}

export function Conflict({ changes, onTakeTheirs }: ConflictProps): ReactNode {
  const { settings } = useWords().edit;
  const { stale } = settings;
  const isTouched = changes.some(({ yours }) => yours !== null);
  return (
    <section className="problem conflict" role="alert">
      <div className="problem-text">
        <h2>{stale.title}</h2>
        <p>{isTouched ? stale.text : stale.none}</p>
        <table className="rows">
          <caption className="hidden">{stale.title}</caption>
          <thead>
            <tr>
              <th scope="col">{stale.field}</th>
              <th scope="col">{stale.was}</th>
              <th scope="col">{stale.theirs}</th>
              <th scope="col">{stale.yours}</th>
            </tr>
          </thead>
          <tbody>
            {changes.map((change) => (
              <tr key={`${change.group} ${change.name}`}>
                <th scope="row" className="cell-name">
                  <FieldName change={change} />
                </th>
                <td className="mono" data-label={stale.was}>
                  {change.was}
                </td>
                <td className="mono" data-label={stale.theirs}>
                  {change.theirs}
                </td>
                <td className="mono" data-label={stale.yours}>
                  {change.yours ?? '–'}
                  {change.yours === null ? null : (
                    <Button variant="subtle" size="compact-xs" onClick={() => onTakeTheirs(change)}>
                      {stale.takeTheirs}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function FieldName({ change: { group, name } }: { change: Meanwhile }): ReactNode {
  const { settings } = useWords().edit;
  if (group === 'name') return settings.name;
  if (group === 'isActive') return settings.state;
  return group === 'guard' ? (settings.limits[name]?.[0] ?? name) : name;
}
