// The pages: all of them at the side; at the foot of a narrow screen the first four, and the rest behind one button.
import { Link, useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { Icon } from '../look/icon.tsx';
import { useMay } from '../queries/may.ts';
import { useHolds } from '../queries/runs.ts';
import { useWords } from '../words/words.ts';
import { type Place, places } from './places.ts';

// With the button five fit beside each other at 320 px, with their names.
const first = new Set<Place['name']>(['home', 'integrations', 'history', 'holds']);

export function Navigation(): ReactNode {
  const words = useWords();
  const may = useMay();
  const { pathname } = useLocation();
  const [isOpen, setIsOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever went to a page is done with the rest of them.
  useEffect(() => setIsOpen(false), [pathname]);
  const mine = places.filter(({ needs }) => needs === undefined || may[needs]);
  const groups = [...new Set(mine.map(({ group }) => group))];
  const isAmongRest = mine.some(({ name, to }) => !first.has(name) && isOn(pathname, to));
  return (
    <nav
      id="pages"
      className="nav"
      aria-label={words.app.menu}
      data-open={isOpen || undefined}
      onKeyDown={({ key }) => {
        if (key === 'Escape') setIsOpen(false);
      }}
    >
      {groups.map((group) => (
        <ul key={group} className="nav-group">
          {mine
            .filter((place) => place.group === group)
            .map((place) => (
              <PlaceLink key={place.to} place={place} />
            ))}
        </ul>
      ))}
      <button
        type="button"
        className="nav-more"
        aria-expanded={isOpen}
        aria-controls="pages"
        data-current={isAmongRest || undefined}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Icon name={isOpen ? 'cross' : 'menu'} />
        <span className="nav-name">{isOpen ? words.app.close : words.app.more}</span>
      </button>
    </nav>
  );
}

function PlaceLink({ place: { to, name, icon } }: { place: Place }): ReactNode {
  const words = useWords();
  const holds = useHolds();
  const held = holds.data?.data.length ?? 0;
  return (
    <li data-first={first.has(name) || undefined}>
      <Link to={to} activeOptions={{ exact: to === '/' }} activeProps={{ 'aria-current': 'page' }}>
        <Icon name={icon} />
        <span className="nav-name">{words.pages[name]}</span>
        {name === 'holds' && held > 0 ? <span className="nav-count">{held}</span> : null}
      </Link>
    </li>
  );
}

function isOn(pathname: string, to: string): boolean {
  return pathname === to || pathname.startsWith(`${to}/`);
}
