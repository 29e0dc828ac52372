// Groups with their options; an option that has groups of its own holds them.
import type { ReactNode } from 'react';
import type { ModifierGroup, ModifierTree } from '../../api-types.ts';
import { money } from '../../words/quantities.ts';
import { useWords } from '../../words/words.ts';

interface GroupsProps {
  tree: ModifierTree;
  /** Opens an option in the drawer. */
  onOpen(option: { external_id: string; path_id: string | null }): void;
}

export function ModifierGroups({ tree, onOpen }: GroupsProps): ReactNode {
  const { catalog: words } = useWords().detail;
  const places = new Set(tree.groups.flatMap(({ options }) => options.map(({ path_id }) => path_id)));
  // A group whose place begins with the path of an option hangs under that option.
  const top = tree.groups.filter(({ place }) => ownerOf(place, places) === null);
  return (
    <>
      {top.map((group) => (
        <Group key={keyOf(group)} group={group} tree={tree} onOpen={onOpen} places={places} />
      ))}
      {tree.cut ? <p className="soft small">{words.cut}</p> : null}
    </>
  );
}

type Places = ReadonlySet<string | null>;

function Group({ group, tree, onOpen, places }: GroupsProps & { group: ModifierGroup; places: Places }): ReactNode {
  const words = useWords();
  const own = words.detail.catalog;
  return (
    <section className="group">
      <p className="group-name">
        <strong>{group.group_name ?? group.group_id ?? own.noGroup}</strong>{' '}
        <span className="soft small">{own.options(group.options.length)}</span>
      </p>
      <ul className="options">
        {group.options.map((option) => {
          const below = tree.groups.filter(({ place }) => ownerOf(place, places) === option.path_id && place !== null);
          return (
            <li key={`${option.external_id} ${option.path_id}`} className="option">
              <div className="option-line">
                <button type="button" className="row-button" onClick={() => onOpen(option)}>
                  {option.name ?? words.app.noName}
                </button>
                {option.is_available === false ? <span className="soft small">{words.catalog.no}</span> : null}
                <span className="mono option-price">
                  {option.price === null ? '–' : money(option.price, option.currency)}
                </span>
              </div>
              {below.map((each) => (
                <Group key={keyOf(each)} group={each} tree={tree} onOpen={onOpen} places={places} />
              ))}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** The longest path of an option that a place goes on from; null = it hangs under none. */
function ownerOf(place: string | null, places: Places): string | null {
  for (let path = place ?? ''; path.includes('/'); path = path.slice(0, path.lastIndexOf('/'))) {
    if (places.has(path)) return path;
  }
  return null;
}

function keyOf({ group_id, group_name, place }: ModifierGroup): string {
  return `${group_id} ${group_name} ${place}`;
}
