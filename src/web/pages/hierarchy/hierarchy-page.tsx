// Concepts, companies and sites as a tree: what stands at each and below, and how the tree is changed.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Empty, PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Prose } from '../../parts/prose.tsx';
import { useConfigs, useLevels, useSources } from '../../queries/configs.ts';
import { useMay } from '../../queries/may.ts';
import { useWords } from '../../words/words.ts';
import { type Deed, PlaceDialog } from './place-dialogs.tsx';
import { Branch } from './place-row.tsx';
import { placesOf } from './place-tree.ts';

export function HierarchyPage(): ReactNode {
  const words = useWords();
  const levels = useLevels();
  const configs = useConfigs();
  const sources = useSources();
  const may = useMay();
  const [deed, setDeed] = useState<Deed | null>(null);
  const places =
    levels.data === undefined
      ? null
      : placesOf({ levels: levels.data, configs: configs.data ?? [], sources: sources.data ?? [] });
  return (
    <>
      <PageHead title={words.pages.hierarchy} actions={may.administer ? <Add onDeed={setDeed} /> : undefined}>
        {words.hierarchy.intro}
      </PageHead>
      {levels.error === null ? null : <Problem error={levels.error} onRetry={levels.refetch} />}
      {places === null ? <Waiting rows={8} /> : null}
      {places?.length === 0 ? (
        <Empty icon="tree" title={words.hierarchy.none}>
          <Prose text={words.hierarchy.noneText} />
        </Empty>
      ) : null}
      {places !== null && places.length > 0 ? <Branch places={places} onDeed={setDeed} /> : null}
      {levels.data === undefined ? null : (
        <PlaceDialog deed={deed} levels={levels.data} mayTop={may.system} onClose={() => setDeed(null)} />
      )}
    </>
  );
}

function Add({ onDeed }: { onDeed(deed: Deed): void }): ReactNode {
  const { places } = useWords().edit;
  const may = useMay();
  const add = (level: 'concept' | 'company' | 'site') => () => onDeed({ verb: 'add', level, above: null });
  return (
    <>
      <Button variant="default" component={Link} to="/hierarchy/import">
        {places.import}
      </Button>
      {may.system ? (
        <Button variant="default" onClick={add('concept')}>
          {places.addConcept}
        </Button>
      ) : null}
      <Button variant="default" onClick={add('company')}>
        {places.addCompany}
      </Button>
      <Button onClick={add('site')}>{places.addSite}</Button>
    </>
  );
}
