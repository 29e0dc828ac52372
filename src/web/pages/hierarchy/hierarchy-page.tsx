// Concepts, companies and sites as a tree, with the integrations that stand at each.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Config } from '../../api-types.ts';
import { Empty, PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Prose } from '../../parts/prose.tsx';
import { type Levels, useConfigs, useLevels } from '../../queries/configs.ts';
import { useWords } from '../../words/words.ts';

export function HierarchyPage(): ReactNode {
  const words = useWords();
  const levels = useLevels();
  const configs = useConfigs();
  return (
    <>
      <PageHead title={words.pages.hierarchy}>{words.hierarchy.intro}</PageHead>
      {levels.error === null ? null : <Problem error={levels.error} onRetry={levels.refetch} />}
      {levels.data === undefined ? <Waiting rows={8} /> : <Tree levels={levels.data} configs={configs.data ?? []} />}
    </>
  );
}

interface Place {
  level: 'concept' | 'company' | 'site';
  id: number;
  name: string;
  below: Place[];
}

/** What hangs below nothing stands at the root. */
function placesOf({ concepts, companies, sites }: Levels): Place[] {
  const siteOf = (companyId: number | null) =>
    sites
      .filter(({ company_id }) => company_id === companyId)
      .map(({ id, name }): Place => ({ level: 'site', id, name, below: [] }));
  const companyOf = (conceptId: number | null) =>
    companies
      .filter(({ concept_id }) => concept_id === conceptId)
      .map(({ id, name }): Place => ({ level: 'company', id, name, below: siteOf(id) }));
  const roots = concepts.map(({ id, name }): Place => ({ level: 'concept', id, name, below: companyOf(id) }));
  return [...roots, ...companyOf(null), ...siteOf(null)];
}

function Tree({ levels, configs }: { levels: Levels; configs: readonly Config[] }): ReactNode {
  const { hierarchy } = useWords();
  const places = placesOf(levels);
  if (places.length === 0) {
    return (
      <Empty icon="tree" title={hierarchy.none}>
        <Prose text={hierarchy.noneText} />
      </Empty>
    );
  }
  return <Branch places={places} configs={configs} />;
}

function Branch({ places, configs }: { places: readonly Place[]; configs: readonly Config[] }): ReactNode {
  const words = useWords();
  return (
    <ul className="tree">
      {places.map(({ level, id, name, below }) => {
        const here = configs.filter((config) => config.level === level && config[`${level}_id`] === id);
        return (
          <li key={`${level} ${id}`}>
            <div className="tree-row">
              <span className={below.length > 0 ? 'strong' : undefined}>{name}</span>
              <span className="soft small">{words.levels[level]}</span>
              <span className="tree-configs small">
                {here.map((config) => (
                  <Link key={config.id} to="/integrations/$configId" params={{ configId: config.id }}>
                    {config.name}
                  </Link>
                ))}
              </span>
            </div>
            {below.length > 0 ? <Branch places={below} configs={configs} /> : null}
          </li>
        );
      })}
    </ul>
  );
}
