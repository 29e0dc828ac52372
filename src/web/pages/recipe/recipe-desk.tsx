// The editor on the left, what the recipe makes of an answer on the right; each change is checked a moment after the last key.
import { type ReactNode, useMemo, useRef, useState } from 'react';
import '../../look/recipe.css';
import { Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useWords } from '../../words/words.ts';
import { AnswerPicker } from './answer-picker.tsx';
import { CodeField, goToLine } from './code-field.tsx';
import { FaultList } from './fault-list.tsx';
import { PreviewPane } from './preview-pane.tsx';
import { type Asked, type ShownPreview, usePreview } from './use-preview.ts';
import { type Picked, type StoredAnswer, useStoredAnswer } from './use-stored-answer.ts';

export interface Desk {
  picked: Picked;
  pick(part: Partial<Picked>): void;
  stored: StoredAnswer;
  shown: ShownPreview;
  /** Whether this person may try recipes. */
  isEnabled: boolean;
}

/** What the page knows of the text and the chosen answer; without the right to it nothing is asked. */
export function useDesk(text: string, first: Partial<Picked>, isEnabled: boolean): Desk {
  const [picked, setPicked] = useState<Picked>({
    from: 'run',
    configId: '',
    runId: '',
    page: null,
    text: '',
    request: '',
    ...first,
  });
  const stored = useStoredAnswer(picked);
  const { from, text: pasted, request } = picked;
  const { runId, page } = stored;
  const asked = useMemo((): Asked => {
    const answer =
      from === 'paste'
        ? pasted === ''
          ? null
          : { text: pasted }
        : runId === '' || page === null
          ? null
          : { run_id: runId, page };
    return { text, answer, request };
  }, [text, from, pasted, request, runId, page]);
  const pick = (part: Partial<Picked>) => setPicked((now) => ({ ...now, ...part }));
  return { picked, pick, stored, shown: usePreview(asked, isEnabled), isEnabled };
}

interface DeskProps {
  desk: Desk;
  text: string;
  isReadOnly?: boolean;
  /** Stands above the editor. */
  children?: ReactNode;
  onChange(text: string): void;
  onSave(): void;
}

export function RecipeDesk({ desk, text, isReadOnly = false, children, onChange, onSave }: DeskProps): ReactNode {
  const { recipe: words } = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const { preview, isChecking } = desk.shown;
  const faults = preview?.faults ?? [];
  return (
    <div className="recipe-desk">
      <section className="recipe-side" aria-label={words.editor}>
        {children}
        <CodeField
          label={words.editor}
          hint={words.tabHint}
          value={text}
          marked={faults.map(({ line }) => line)}
          field={field}
          isReadOnly={isReadOnly}
          onChange={onChange}
          onSave={onSave}
        />
        {desk.isEnabled ? (
          <FaultList
            faults={faults}
            isChecking={isChecking}
            draft={preview?.recipe?.draft ?? null}
            onGo={(line) => {
              if (field.current !== null) goToLine(field.current, line);
            }}
          />
        ) : null}
      </section>
      {desk.isEnabled ? <Side desk={desk} /> : null}
    </div>
  );
}

function Side({ desk }: { desk: Desk }): ReactNode {
  const { recipe: words } = useWords();
  const { preview, lastGood } = desk.shown;
  return (
    <section className="recipe-side" aria-label={words.preview}>
      <h2>{words.preview}</h2>
      <p className="soft small">{words.previewIntro}</p>
      <AnswerPicker
        picked={desk.picked}
        stored={desk.stored}
        requests={(preview?.recipe ?? lastGood?.recipe)?.requests ?? []}
        change={desk.pick}
      />
      <Outcome shown={desk.shown} />
    </section>
  );
}

function Outcome({ shown }: { shown: ShownPreview }): ReactNode {
  const { recipe: words } = useWords();
  const { preview, lastGood, error, again } = shown;
  if (error !== null) return <Problem error={error} onRetry={again} />;
  if (preview === undefined) return <Waiting rows={4} />;
  const hasFaults = preview.faults.length > 0;
  const made = hasFaults ? lastGood : preview;
  if (made === undefined) return <p className="note">{words.waitsFirst}</p>;
  return (
    <>
      {hasFaults ? <p className="note">{words.waits}</p> : null}
      {made.answer === null ? <p className="preview-none soft">{words.noAnswer}</p> : <PreviewPane preview={made} />}
    </>
  );
}
