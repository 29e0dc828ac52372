// The settings that a run used: each with its value and who set it, the names of its secrets, and the guard's limits.
import type { ReactNode } from 'react';
import type { Run, RunSettings } from '../../api-types.ts';
import { Empty, Section, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useRunSettings } from '../../queries/around.ts';
import { useWords } from '../../words/words.ts';

type Kept = NonNullable<RunSettings>;

export function SettingsTab({ run }: { run: Run }): ReactNode {
  const { settings: words } = useWords().detail;
  const kept = useRunSettings(run.id);
  if (kept.error !== null) return <Problem error={kept.error} onRetry={kept.refetch} />;
  if (kept.data === undefined) return <Waiting />;
  const { settings } = kept.data;
  if (settings === null) {
    return (
      <Empty icon="list" title={words.none}>
        {words.noneText}
      </Empty>
    );
  }
  const { connector, config, secrets } = settings;
  return (
    <>
      <p className="soft">{words.intro(connector.id, connector.version, config.name)}</p>
      <Params params={settings.params} />
      <div className="columns">
        <Section title={words.secrets}>
          {secrets.length === 0 ? (
            <p className="soft">{words.noSecrets}</p>
          ) : (
            <>
              <p className="soft small">{words.secretsText}</p>
              <p className="mono">{secrets.join(', ')}</p>
            </>
          )}
        </Section>
        <Section title={words.guard}>
          <dl className="facts">
            {Object.entries(settings.guard).map(([name, value]) => (
              <div key={name} className="fact">
                <dt className="mono small">{name}</dt>
                <dd className="mono">{value === true ? words.on : value === false ? words.off : value}</dd>
              </div>
            ))}
          </dl>
        </Section>
      </div>
    </>
  );
}

function Params({ params }: { params: Kept['params'] }): ReactNode {
  const words = useWords();
  const { settings: own, tabs } = words.detail;
  return (
    <div className="table-frame">
      <table className="rows">
        <caption className="hidden">{tabs.settings}</caption>
        <thead>
          <tr>
            <th scope="col">{own.name}</th>
            <th scope="col">{own.value}</th>
            <th scope="col">{own.from}</th>
          </tr>
        </thead>
        <tbody>
          {params.map(({ name, value, level, set_by }) => (
            <tr key={name}>
              <td data-label={own.name} className="mono">
                {name}
              </td>
              <td data-label={own.value} className="mono cell-text">
                {typeof value === 'string' ? value : JSON.stringify(value)}
              </td>
              <td data-label={own.from} className="soft">
                {set_by === null ? own.preset : `${set_by}${levelText(level, words.levels)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function levelText(level: string | null, levels: Readonly<Record<string, string>>): string {
  const word = level === null ? undefined : levels[level];
  return word === undefined ? '' : ` (${word})`;
}
