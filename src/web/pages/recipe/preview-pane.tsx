// What the recipe makes of the answer: counts, items with exact prices, rejects, repeated keys, what is never read, and the answer.
import type { ReactNode } from 'react';
import type { Kind, RecipePreview } from '../../api-types.ts';
import { Prose } from '../../parts/prose.tsx';
import { size } from '../../words/quantities.ts';
import { kinds } from '../../words/result.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';
import { PreviewItems } from './preview-items.tsx';

export type Trial = NonNullable<RecipePreview['trial']>;

export function PreviewPane({ preview }: { preview: RecipePreview }): ReactNode {
  const { trial, refusal, answer } = preview;
  return (
    <>
      {refusal === null ? null : <Refused refusal={refusal} />}
      {trial === null ? null : <Made trial={trial} />}
      {answer === null ? null : <Answer answer={answer} isOpen={trial === null} />}
    </>
  );
}

function Refused({ refusal }: { refusal: NonNullable<RecipePreview['refusal']> }): ReactNode {
  const { recipe: words } = useWords();
  return (
    <div className="hold" role="status">
      <h3 className="strong">{words.refused}</h3>
      <p>
        <Prose text={refusal.message} />
      </p>
      <p className="soft">
        <Prose text={refusal.hint} />
      </p>
    </div>
  );
}

const shownKinds = ({ kinds_present, counts }: Trial): Kind[] =>
  kinds.filter((kind) => kinds_present.includes(kind) || counts[kind].items + counts[kind].rejects > 0);

function Made({ trial }: { trial: Trial }): ReactNode {
  const { recipe: words } = useWords();
  return (
    <>
      <Counts trial={trial} />
      {shownKinds(trial).map((kind) => (
        <PreviewItems key={kind} kind={kind} items={trial.items[kind]} count={trial.counts[kind].items} />
      ))}
      <Rejects rejects={trial.rejects} />
      <Duplicates duplicates={trial.duplicates} />
      <section className="made" aria-label={words.unused}>
        <h3>{words.unused}</h3>
        {trial.unused.length === 0 ? (
          <p className="soft">{words.unusedNone}</p>
        ) : (
          <ul className="unused">
            {trial.unused.map((place) => (
              <li key={place}>
                <code>{place}</code>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

const columns = ['items', 'rejects', 'removed', 'filtered', 'duplicates'] as const;

function Counts({ trial }: { trial: Trial }): ReactNode {
  const words = useWords();
  const { recipe } = words;
  return (
    <div className="made-scroll" tabIndex={-1}>
      <table className="made-counts">
        <caption className="hidden">{recipe.preview}</caption>
        <thead>
          <tr>
            <th scope="col">{recipe.kind}</th>
            {columns.map((name) => (
              <th key={name} scope="col">
                {recipe.counts[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {kinds.map((kind) => (
            <tr key={kind}>
              <th scope="row">{words.kinds[kind]}</th>
              {shownKinds(trial).includes(kind) ? (
                columns.map((name) => (
                  <td key={name} className={toneOf(name, trial.counts[kind][name])}>
                    {number(trial.counts[kind][name])}
                  </td>
                ))
              ) : (
                <td colSpan={columns.length} className="soft">
                  {recipe.absent}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function toneOf(name: (typeof columns)[number], count: number): string {
  if (count === 0) return 'soft';
  return name === 'rejects' ? 'ink-amber strong' : name === 'items' ? 'strong' : '';
}

function Rejects({ rejects }: { rejects: Trial['rejects'] }): ReactNode {
  const words = useWords();
  if (rejects.length === 0) return null;
  return (
    <section className="made" aria-label={words.recipe.rejects}>
      <h3>{words.recipe.rejects}</h3>
      <ul className="made-rows">
        {rejects.map((reject, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rejects without an id have nothing else, and never move.
          <li key={index}>
            <p>
              <span className="ink-amber">!</span> {reject.message}
            </p>
            <p className="soft small">
              {words.kind[reject.kind]} · {words.rejects.reasons[reject.reason]?.[0] ?? reject.reason}
              {reject.external_id === null ? '' : ` · ${reject.external_id}`}
            </p>
            <details className="raw">
              <summary>{words.run.raw}</summary>
              <pre className="code">{JSON.stringify(reject.raw, null, 2)}</pre>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Duplicates({ duplicates }: { duplicates: Trial['duplicates'] }): ReactNode {
  const words = useWords();
  if (duplicates.length === 0) return null;
  return (
    <section className="made" aria-label={words.recipe.duplicates}>
      <h3>{words.recipe.duplicates}</h3>
      <ul className="made-rows">
        {duplicates.map(({ kind, external_id, path_id, copies }) => (
          <li key={`${kind} ${external_id} ${path_id}`}>
            <code>
              {external_id}
              {path_id === null ? '' : ` / ${path_id}`}
            </code>{' '}
            <span className="soft small">
              {words.kind[kind]}, {words.recipe.copies(copies)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Answer({ answer, isOpen }: { answer: NonNullable<RecipePreview['answer']>; isOpen: boolean }): ReactNode {
  const { recipe: words } = useWords();
  return (
    <details className="raw made" open={isOpen}>
      <summary>
        {words.answer} ({size(answer.bytes)})
      </summary>
      {answer.cut ? <p className="soft small">{words.answerCut}</p> : null}
      <pre className="code">{spaced(answer)}</pre>
    </details>
  );
}

/** As people read it; where only its beginning is there, as it came. */
function spaced({ excerpt, cut }: NonNullable<RecipePreview['answer']>): string {
  // A number that is longer than JavaScript's must not look as if it had been rounded.
  if (cut || /\d{16}/.test(excerpt)) return excerpt;
  try {
    return JSON.stringify(JSON.parse(excerpt), null, 2);
  } catch {
    return excerpt;
  }
}
