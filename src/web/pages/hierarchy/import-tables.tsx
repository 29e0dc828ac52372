// The places of a POS account to pick from, and what became of those that were picked.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ImportedSite, ListedPlace } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { Section } from '../../parts/page-parts.tsx';
import { useWords } from '../../words/words.ts';

interface PickProps {
  listed: readonly ListedPlace[];
  siteName(id: number): string;
  picked: ReadonlySet<string>;
  onPick(picked: ReadonlySet<string>): void;
}

export function PickTable({ listed, siteName, picked, onPick }: PickProps): ReactNode {
  const { places } = useWords().edit;
  const fresh = listed.filter(({ site_id }) => site_id === null).map(({ location_id }) => location_id);
  const isAll = fresh.length > 0 && fresh.every((id) => picked.has(id));
  const toggle = (id: string) => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    onPick(next);
  };
  return (
    <div className="table-frame">
      <table className="rows">
        <caption className="hidden">{places.importTitle}</caption>
        <thead>
          <tr>
            <th scope="col" className="pick-cell">
              <input
                type="checkbox"
                className="pick"
                aria-label={places.pickAll}
                checked={isAll}
                onChange={() => onPick(new Set(isAll ? [] : fresh))}
              />
            </th>
            <th scope="col">{places.place}</th>
            <th scope="col">{places.placeId}</th>
            <th scope="col">{places.becomes}</th>
          </tr>
        </thead>
        <tbody>
          {listed.map(({ location_id, name, address, site_id }) => (
            <tr key={location_id}>
              <td>
                <input
                  type="checkbox"
                  className="pick"
                  aria-label={places.pick(name)}
                  checked={picked.has(location_id)}
                  onChange={() => toggle(location_id)}
                />
              </td>
              <th scope="row" className="cell-name">
                {name}
                {address === null ? null : <span className="under">{address}</span>}
              </th>
              <td className="mono" data-label={places.placeId}>
                {location_id}
              </td>
              <td data-label={places.becomes}>
                {site_id === null ? (
                  places.wouldBeNew
                ) : (
                  <span className="soft">{places.isSite(siteName(site_id))}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function ResultTable({ imported }: { imported: readonly ImportedSite[] }): ReactNode {
  const { places } = useWords().edit;
  const added = imported.filter(({ outcome }) => outcome === 'added').length;
  return (
    <Section title={places.imported(added)} aside={<Link to="/hierarchy">{places.toTree}</Link>}>
      <ul className="plain-list" role="status">
        {imported.map((site) => (
          <li key={site.location_id}>
            <span className={site.outcome === 'failed' ? 'ink-red' : 'ink-green'}>
              <Icon name={site.outcome === 'failed' ? 'cross' : 'check'} />
            </span>
            <span>
              <strong>{site.name}</strong> {places.outcome[site.outcome]}
              {site.error === null ? null : <span className="under ink-red">{site.error}</span>}
            </span>
            <Made site={site} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Made({ site }: { site: ImportedSite }): ReactNode {
  const { places } = useWords().edit;
  if (site.config_id === null) return <span />;
  return (
    <Link to="/integrations/$configId" params={{ configId: site.config_id }}>
      {site.missing.length === 0 ? places.connected : places.lacks(site.missing.join(', '))}
    </Link>
  );
}
