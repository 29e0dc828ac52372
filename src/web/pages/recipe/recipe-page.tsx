// A stored recipe: changed with its preview beside it, saved as the next version, used, or deleted.
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RecipeOutcome, RecipeText } from '../../api-types.ts';
import { callWithTag, ProblemError } from '../../call-api.ts';
import { PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { toast } from '../../parts/toasts.tsx';
import { useChange } from '../../queries/calls.ts';
import { useConfigs } from '../../queries/configs.ts';
import { useMay } from '../../queries/may.ts';
import { useWords } from '../../words/words.ts';
import { RecipeDesk, useDesk } from './recipe-desk.tsx';
import { RemoveRecipe } from './remove-recipe.tsx';
import { type Draft, useRecipeDraft } from './use-recipe-draft.ts';

const keyOf = (id: string) => ['recipe', id];

export function RecipePage(): ReactNode {
  const { pages, recipe: words } = useWords();
  const { recipeId = '' } = useParams({ strict: false });
  const stored = useQuery({
    queryKey: keyOf(recipeId),
    queryFn: ({ signal }) => callWithTag<RecipeText>(`/recipes/${encodeURIComponent(recipeId)}`, undefined, { signal }),
    // What is being written must not change under the hands of who writes it.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const configs = useConfigs();
  if (stored.data === undefined || configs.data === undefined) {
    return (
      <>
        <PageHead title={words.edit} above={<Link to="/connectors">{pages.connectors}</Link>} />
        {stored.error === null ? <Waiting rows={8} /> : <Problem error={stored.error} onRetry={stored.refetch} />}
      </>
    );
  }
  const { answer, tag } = stored.data;
  // Of those that read by it, the first one has answers that fit.
  const user = configs.data.find((config) => config.connector_id === answer.id && config.source_id !== null);
  return <Editor key={answer.id} stored={answer} tag={tag ?? '*'} configId={user?.id ?? ''} />;
}

interface EditorProps {
  stored: RecipeText;
  tag: string;
  configId: string;
}

function Editor({ stored, tag, configId }: EditorProps): ReactNode {
  const { recipe: words } = useWords();
  const may = useMay();
  const draft = useRecipeDraft(stored.id, { text: stored.text, tag });
  const desk = useDesk(draft.text, configId === '' ? { from: 'paste' } : { configId }, may.administer);
  const { save, error, isSaving, newId, reload } = useSaving(stored, draft, desk.shown.preview?.recipe?.id);
  const isStale = error instanceof ProblemError && error.problem.code === 'recipe_version_stale';
  return (
    <>
      <Head
        stored={stored}
        draft={draft}
        save={save}
        isSaving={isSaving}
        newId={newId}
        isSketch={typeof desk.shown.preview?.recipe?.draft === 'string'}
      />
      {may.system ? null : <p className="note">{words.mayNotSave}</p>}
      {error === null ? null : <Problem error={error} />}
      {isStale ? (
        <Button variant="default" onClick={reload}>
          {words.reload}
        </Button>
      ) : null}
      <RecipeDesk desk={desk} text={draft.text} isReadOnly={!may.system} onChange={draft.write} onSave={save}>
        <p className="recipe-state soft small" role="status">
          {draft.isChanged ? words.unsaved : words.unchanged}
          {draft.isChanged ? (
            <button type="button" className="copy" onClick={() => draft.begin({ text: stored.text, tag })}>
              {words.discard}
            </button>
          ) : null}
        </p>
      </RecipeDesk>
    </>
  );
}

/** Saving over what was read, or, where the text says another id, as a recipe of its own. */
function useSaving(stored: RecipeText, draft: Draft, idInText: string | undefined) {
  const { recipe: words } = useWords();
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const change = useChange<RecipeOutcome>();
  const newId = idInText !== undefined && idInText !== stored.id ? idInText : null;
  const save = () => {
    if (!may.system || !draft.isChanged || change.isPending) return;
    const body = { text: draft.text };
    const path = `/recipes/${encodeURIComponent(stored.id)}`;
    const headers = { 'if-match': draft.tag ?? '*' };
    change.mutate(
      newId === null ? { path, method: 'PUT', body, headers } : { path: '/recipes', method: 'POST', body },
      {
        onSuccess: ({ id, title, version }) => {
          toast('green', words.saved(version));
          if (newId === null) {
            const tag = `"${version}"`;
            client.setQueryData(keyOf(id), { answer: { ...stored, ...body, title, version }, tag });
            draft.settle({ ...body, tag });
            // Who changed it last is known to the server.
            void client.invalidateQueries({ queryKey: keyOf(id) });
          } else {
            draft.begin({ text: stored.text, tag: draft.tag });
            void navigate({ to: '/connectors/recipes/$recipeId', params: { recipeId: id } });
          }
        },
      },
    );
  };
  const reload = async () => {
    const fresh = await callWithTag<RecipeText>(`/recipes/${encodeURIComponent(stored.id)}`);
    client.setQueryData(keyOf(stored.id), fresh);
    draft.begin({ text: fresh.answer.text, tag: fresh.tag });
    change.reset();
  };
  return { save, newId, error: change.error, isSaving: change.isPending, reload: () => void reload() };
}

interface HeadProps {
  stored: RecipeText;
  draft: Draft;
  save(): void;
  isSaving: boolean;
  newId: string | null;
  /** It cannot run, so nothing can be connected with it. */
  isSketch: boolean;
}

function Head({ stored, draft, save, isSaving, newId, isSketch }: HeadProps): ReactNode {
  const { pages, recipe: words } = useWords();
  const may = useMay();
  const isReady = !draft.isChanged;
  return (
    <PageHead
      title={stored.title}
      above={<Link to="/connectors">{pages.connectors}</Link>}
      actions={
        <>
          {may.system ? <RemoveRecipe id={stored.id} /> : null}
          {may.administer && isReady && !isSketch ? (
            <Button
              variant={may.system ? 'default' : 'filled'}
              component={Link}
              to="/integrations/new"
              search={{ connector: stored.id } as never}
              title={words.useHint}
            >
              {words.use}
            </Button>
          ) : null}
          {may.system ? (
            <Button onClick={save} loading={isSaving} disabled={isReady}>
              {newId === null ? words.save : words.saveAs(newId)}
            </Button>
          ) : null}
        </>
      }
    >
      <span className="mono">{stored.id}</span> {words.editIntro(stored.version, stored.updated_by)}
    </PageHead>
  );
}
