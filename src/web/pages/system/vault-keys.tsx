// The encryption keys by their ids: which encrypts, what each opens, and whether a rotation is done.
import type { ReactNode } from 'react';
import type { System } from '../../api-types.ts';
import type { IconName } from '../../look/icon.tsx';
import { Badge, type Tone } from '../../look/status.tsx';
import { Section } from '../../parts/page-parts.tsx';
import { useWords } from '../../words/words.ts';

type Vault = System['vault'];

const looks: Record<Vault['keys'][number]['state'], [Tone, IconName]> = {
  active: ['green', 'key'],
  known: ['grey', 'key'],
  missing: ['red', 'cross'],
};

export function VaultKeys({ vault }: { vault: Vault }): ReactNode {
  const { system: words } = useWords();
  const isDone = vault.left_to_rotate === 0;
  return (
    <Section title={words.vault}>
      <p className="soft">{words.keyFrom[vault.key_from]}</p>
      {vault.keys.length === 0 ? null : (
        <>
          <div className="table-frame system-keys">
            <table className="rows">
              <caption className="hidden">{words.vault}</caption>
              <thead>
                <tr>
                  <th scope="col">{words.key.id}</th>
                  <th scope="col">{words.key.state}</th>
                  <th scope="col">{words.key.opens}</th>
                </tr>
              </thead>
              <tbody>
                {vault.keys.map((key) => (
                  <KeyRow key={key.id} vaultKey={key} />
                ))}
              </tbody>
            </table>
          </div>
          <p className={isDone ? 'soft' : 'ink-amber'}>
            {isDone ? words.noRotation : words.rotation(vault.left_to_rotate)}
          </p>
        </>
      )}
    </Section>
  );
}

function KeyRow({ vaultKey: { id, state, places } }: { vaultKey: Vault['keys'][number] }): ReactNode {
  const { system: words } = useWords();
  const [tone, icon] = looks[state];
  const opens = places.map(({ place, count }) => words.places[place](count));
  return (
    <tr>
      <td className="mono">{id}</td>
      <td data-label={words.key.state}>
        <Badge tone={tone} icon={icon}>
          {words.keyStates[state]}
        </Badge>
      </td>
      <td data-label={words.key.opens}>
        {opens.length === 0 ? <span className="soft">{words.nothingYet}</span> : opens.join(', ')}
      </td>
    </tr>
  );
}
