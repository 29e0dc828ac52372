// A new recipe: begun from an example or one that tillsync brings, changed until the preview is right, then saved.
import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Page, RecipeOutcome, RecipeStarter } from '../../api-types.ts';
import { PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { toast } from '../../parts/toasts.tsx';
import { useFilter } from '../../parts/use-filter.ts';
import { useAnswer, useChange } from '../../queries/calls.ts';
import { useMay } from '../../queries/may.ts';
import { useWords } from '../../words/words.ts';
import { RecipeDesk, useDesk } from './recipe-desk.tsx';
import { useRecipeDraft } from './use-recipe-draft.ts';
import type { Picked } from './use-stored-answer.ts';

export function NewRecipePage(): ReactNode {
  const { recipe: words } = useWords();
  const starters = useAnswer<Page<RecipeStarter>>('/recipes/starters');
  if (starters.data === undefined) {
    return (
      <>
        <PageHead title={words.newTitle} above={<Above />} />
        {starters.error === null ? <Waiting rows={8} /> : <Problem error={starters.error} onRetry={starters.refetch} />}
      </>
    );
  }
  return <Editor starters={starters.data.data} />;
}

function Above(): ReactNode {
  const { pages } = useWords();
  return <Link to="/connectors">{pages.connectors}</Link>;
}

/** The answer that comes with a starter, so that its preview is alive at once. */
function answerOf(starter: RecipeStarter | undefined): Partial<Picked> {
  const [answer] = starter?.answers ?? [];
  return answer === undefined ? {} : { from: 'paste', text: answer.text, request: answer.request };
}

function Editor({ starters }: { starters: readonly RecipeStarter[] }): ReactNode {
  const { recipe: words } = useWords();
  const may = useMay();
  const navigate = useNavigate();
  const [filter, setFilter] = useFilter();
  const start = starters.find(({ id }) => id === filter.from) ?? starters[0];
  const draft = useRecipeDraft('new', { text: start?.text ?? '', tag: null });
  const desk = useDesk(draft.text, answerOf(start), may.administer);
  const save = useChange<RecipeOutcome>();
  // Another request of an example brings its own answer along, unless a person put another one there.
  const pick: typeof desk.pick = (part) => {
    const answers = start?.answers ?? [];
    const next = answers.find(({ request }) => request === part.request);
    const isSample = answers.some(({ text }) => text === desk.picked.text);
    desk.pick(next !== undefined && isSample ? { ...part, text: next.text } : part);
  };
  const begin = (id: string) => {
    const chosen = starters.find((each) => each.id === id);
    if (chosen === undefined) return;
    setFilter({ from: id });
    draft.begin({ text: chosen.text, tag: null });
    desk.pick(answerOf(chosen));
  };
  const onSave = () => {
    if (!may.system) return;
    save.mutate(
      { path: '/recipes', method: 'POST', body: { text: draft.text } },
      {
        onSuccess: ({ id, version }) => {
          draft.begin({ text: start?.text ?? '', tag: null });
          toast('green', words.saved(version));
          void navigate({ to: '/connectors/recipes/$recipeId', params: { recipeId: id } });
        },
      },
    );
  };
  return (
    <>
      <PageHead
        title={words.newTitle}
        above={<Above />}
        actions={
          may.system ? (
            <Button onClick={onSave} loading={save.isPending}>
              {words.save}
            </Button>
          ) : undefined
        }
      >
        {words.intro}
      </PageHead>
      {may.system ? null : <p className="note">{words.mayNotSave}</p>}
      {save.error === null ? null : <Problem error={save.error} />}
      <RecipeDesk desk={{ ...desk, pick }} text={draft.text} onChange={draft.write} onSave={onSave}>
        <StartFrom starters={starters} value={start?.id ?? ''} begin={begin} />
      </RecipeDesk>
    </>
  );
}

interface StartProps {
  starters: readonly RecipeStarter[];
  value: string;
  begin(id: string): void;
}

function StartFrom({ starters, value, begin }: StartProps): ReactNode {
  const { recipe: words } = useWords();
  const of = (origin: RecipeStarter['origin']) => starters.filter((each) => each.origin === origin);
  return (
    <div className="filters recipe-start">
      <label className="field">
        <span className="soft small">{words.startFrom}</span>{' '}
        <select value={value} onChange={(event) => begin(event.currentTarget.value)}>
          {(['example', 'shipped'] as const).map((origin) => (
            <optgroup key={origin} label={origin === 'example' ? words.examples : words.shipped}>
              {of(origin).map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
    </div>
  );
}
