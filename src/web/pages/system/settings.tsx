// Every setting in effect: what was set first, what stands at its default folded away. Of a secret only that it is set.
import type { ReactNode } from 'react';
import type { System } from '../../api-types.ts';
import { Section } from '../../parts/page-parts.tsx';
import { useWords } from '../../words/words.ts';

type Setting = System['settings'][number];

export function Settings({ settings }: { settings: readonly Setting[] }): ReactNode {
  const { system: words } = useWords();
  const set = settings.filter(({ is_set }) => is_set);
  const others = settings.filter(({ is_set }) => !is_set);
  return (
    <Section title={words.settings} aside={words.set(set.length)}>
      {set.length === 0 ? <p className="soft">{words.noneSet}</p> : <Table settings={set} label={words.settings} />}
      {others.length === 0 ? null : (
        <details className="raw">
          <summary>{words.defaults(others.length)}</summary>
          <Table settings={others} label={words.defaults(others.length)} />
        </details>
      )}
    </Section>
  );
}

function Table({ settings, label }: { settings: readonly Setting[]; label: string }): ReactNode {
  const { system: words } = useWords();
  const names = words.setting;
  return (
    <div className="table-frame">
      <table className="rows system-settings">
        <caption className="hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{names.name}</th>
            <th scope="col">{names.value}</th>
            <th scope="col">{names.source}</th>
          </tr>
        </thead>
        <tbody>
          {settings.map((setting) => (
            <tr key={setting.name}>
              <td className="mono">{setting.name}</td>
              <td data-label={names.value}>
                <Value setting={setting} />
              </td>
              <td data-label={names.source} className="soft">
                {words.sources[setting.source]}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ setting: { value, is_secret, is_set } }: { setting: Setting }): ReactNode {
  const { system: words } = useWords();
  if (is_secret && is_set) return words.secret;
  if (value === null) return <span className="soft">{words.unset}</span>;
  return <span className="mono">{value}</span>;
}
