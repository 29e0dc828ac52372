// What a change would do before it is saved: the catalog that would be left, the one that would be read, and the integrations below.
import { useDebouncedValue } from '@mantine/hooks';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ShownConfig, Source, WhatIf } from '../../api-types.ts';
import { callApi } from '../../call-api.ts';
import { Problem } from '../../parts/problem.tsx';
import { useSources } from '../../queries/configs.ts';
import { kinds } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { Ways } from './form-parts.tsx';

export type Choice = 'move' | 'new_source';
type Effect = WhatIf['effects'][number];

/** What these params would do, asked a moment after the last key; undefined params = nothing changes. */
export function useWhatIf(
  config: ShownConfig,
  params: Record<string, unknown> | undefined,
): UseQueryResult<WhatIf, Error> {
  const [asked] = useDebouncedValue(JSON.stringify(params ?? null), 350);
  return useQuery({
    queryKey: ['what-if', config.id, config.updated_at, asked],
    queryFn: ({ signal }) =>
      callApi<WhatIf>(`/configs/${config.id}/what-if`, undefined, {
        method: 'POST',
        body: { params: JSON.parse(asked) ?? {} },
        signal,
      }),
    enabled: asked !== 'null',
    staleTime: 60_000,
    retry: false,
  });
}

/** Whether somebody must say what becomes of the items. */
export function asksForChoice(whatIf: WhatIf | undefined): boolean {
  return whatIf?.effects.some(({ changes_identity }) => changes_identity) === true;
}

interface WouldProps {
  config: ShownConfig;
  whatIf: UseQueryResult<WhatIf, Error>;
  choice: Choice | null;
  onChoose(choice: Choice): void;
}

export function WhatWouldChange({ config, whatIf, choice, onChoose }: WouldProps): ReactNode {
  const { settings } = useWords().edit;
  const sources = useSources();
  if (whatIf.error !== null) return <Problem error={whatIf.error} />;
  if (whatIf.data === undefined) return <p className="soft">{settings.trying}</p>;
  const { effects } = whatIf.data;
  const own = effects.find(({ config_id }) => config_id === config.id);
  const below = effects.filter((effect) => effect !== own && (effect.changes_identity || effect.changes_runnable));
  const known = sources.data ?? [];
  const isSame = own === undefined || !(own.changes_identity || own.changes_runnable || own.conflict !== null);
  return (
    <>
      {isSame && below.length === 0 ? <p className="soft">{settings.onlySettings}</p> : null}
      {isSame ? null : <Own effect={own} sources={known} />}
      {below.length === 0 ? null : <Below effects={below} />}
      {asksForChoice(whatIf.data) ? (
        <ChoiceOf effects={effects} sources={known} choice={choice} onChoose={onChoose} />
      ) : null}
    </>
  );
}

function itemsOf(source: Source | undefined): number {
  return source === undefined ? 0 : kinds.reduce((sum, kind) => sum + source.items[kind].live, 0);
}

function Own({ effect, sources }: { effect: Effect; sources: readonly Source[] }): ReactNode {
  const { settings } = useWords().edit;
  const { before, after, conflict, changes_identity, changes_runnable } = effect;
  const of = (id: string | null) => sources.find((source) => source.id === id);
  const [left, next] = [of(before.source_id), of(after.source_id)];
  const identity = Object.entries(after.identity ?? {}).map(([name, value]) => `${name} ${value}`);
  return (
    <ul className="would">
      {changes_identity && left !== undefined ? (
        <li className="ink-amber">{settings.leaves(left.name, itemsOf(left))}</li>
      ) : null}
      {after.identity === null ? <li>{settings.readsNone(after.missing.join(', '))}</li> : null}
      {after.identity !== null && (changes_identity || changes_runnable) ? (
        <li>
          {next === undefined ? settings.readsNew(identity.join(', ')) : settings.readsKnown(next.name, itemsOf(next))}
        </li>
      ) : null}
      {changes_runnable && after.runnable ? <li className="ink-green">{settings.becomesRunnable}</li> : null}
      {conflict === null ? null : <li className="ink-red">{settings.conflict(conflict.name)}</li>}
    </ul>
  );
}

function Below({ effects }: { effects: readonly Effect[] }): ReactNode {
  const { settings } = useWords().edit;
  const what = ({ after, changes_identity, changes_runnable, conflict }: Effect) => {
    if (conflict !== null) return settings.conflict(conflict.name);
    if (changes_runnable) return after.runnable ? settings.belowRunnable : settings.belowNot(after.missing.join(', '));
    return changes_identity ? settings.belowCatalog : '';
  };
  return (
    <>
      <p>{settings.below(effects.length)}</p>
      <ul className="would">
        {effects.slice(0, 8).map((effect) => (
          <li key={effect.config_id}>
            <strong>{effect.name}</strong>: {what(effect)}
          </li>
        ))}
        {effects.length > 8 ? <li>…</li> : null}
      </ul>
    </>
  );
}

interface ChoiceProps {
  effects: readonly Effect[];
  sources: readonly Source[];
  choice: Choice | null;
  onChoose(choice: Choice): void;
}

function ChoiceOf({ effects, sources, choice, onChoose }: ChoiceProps): ReactNode {
  const { settings } = useWords().edit;
  const changing = effects.filter(({ changes_identity }) => changes_identity);
  const items = changing.reduce(
    (sum, { before }) => sum + itemsOf(sources.find(({ id }) => id === before.source_id)),
    0,
  );
  // A source that is there already cannot be taken over, and without a new identity there is nothing to take them to.
  const canMove = changing.every(({ after }) => after.source_id === null && after.identity !== null);
  const ways = [
    ...(canMove ? [['move', settings.move(items), settings.moveHelp] as const] : []),
    ['new_source', settings.fresh(items), settings.freshHelp] as const,
  ];
  return <Ways name="identity" question={settings.choose} ways={ways} chosen={choice} onChoose={onChoose} />;
}
