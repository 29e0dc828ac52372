// One place of the hierarchy: its name and level, what stands there and below, and what may be done with it.
import { Button, Menu } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from '../../look/icon.tsx';
import { LevelSync } from '../../parts/run/level-sync.tsx';
import { useMay } from '../../queries/may.ts';
import { useWords } from '../../words/words.ts';
import type { Deed } from './place-dialogs.tsx';
import type { Place } from './place-tree.ts';

interface BranchProps {
  places: readonly Place[];
  onDeed(deed: Deed): void;
}

export function Branch({ places, onDeed }: BranchProps): ReactNode {
  return (
    <ul className="tree">
      {places.map((place) => (
        <li key={`${place.level} ${place.id}`}>
          <Row place={place} onDeed={onDeed} />
          {place.below.length > 0 ? <Branch places={place.below} onDeed={onDeed} /> : null}
        </li>
      ))}
    </ul>
  );
}

function Row({ place, onDeed }: { place: Place; onDeed(deed: Deed): void }): ReactNode {
  const words = useWords();
  const { level, id, name, integrations, items, configs } = place;
  const { places } = words.edit;
  return (
    <div className="tree-row is-place">
      <span className="tree-name">
        <span className={level === 'site' ? undefined : 'strong'}>{name}</span>
        <span className="soft small">{words.levels[level]}</span>
      </span>
      <span className="tree-facts small">
        {configs.map((config) => (
          <span key={config.id}>
            <Link to="/integrations/$configId" params={{ configId: config.id }}>
              {config.name}
            </Link>
            {config.source_id === null ? <span className="soft"> ({places.levelDefaults})</span> : null}
          </span>
        ))}
        <span className="soft">{integrations === 0 ? places.nothing : places.below(integrations, items)}</span>
      </span>
      <span className="tree-acts">
        {level !== 'site' && integrations > 0 ? <LevelSync level={level} id={id} name={name} /> : null}
        <Actions place={place} onDeed={onDeed} />
      </span>
    </div>
  );
}

function Actions({ place, onDeed }: { place: Place; onDeed(deed: Deed): void }): ReactNode {
  const { places } = useWords().edit;
  const may = useMay();
  const navigate = useNavigate();
  if (!may.administer) return null;
  const { level, id, name } = place;
  const belowLevel = level === 'concept' ? 'company' : 'site';
  return (
    <Menu>
      <Menu.Target>
        <Button variant="subtle" size="compact-sm" px={6} aria-label={places.actions(name)}>
          <Icon name="dots" />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {level === 'site' ? null : (
          <Menu.Item onClick={() => onDeed({ verb: 'add', level: belowLevel, above: id })}>
            {places.addBelow[level]}
          </Menu.Item>
        )}
        {level === 'company' ? (
          <Menu.Item onClick={() => void navigate({ to: '/hierarchy/import', search: { company: String(id) } })}>
            {places.import}
          </Menu.Item>
        ) : null}
        <Menu.Item onClick={() => void navigate({ to: '/integrations/new', search: { level, place: String(id) } })}>
          {places.connect}
        </Menu.Item>
        <Menu.Item onClick={() => onDeed({ verb: 'rename', place })}>{places.rename}</Menu.Item>
        {level === 'concept' ? null : (
          <Menu.Item onClick={() => onDeed({ verb: 'move', place })}>{places.move}</Menu.Item>
        )}
        <Menu.Item onClick={() => onDeed({ verb: 'remove', place })}>{places.remove}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
