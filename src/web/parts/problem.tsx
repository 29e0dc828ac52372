// What went wrong: what happened, whether data changed, what to do, and the id; with a way to try again.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem as ApiProblem } from '../api-types.ts';
import { OfflineError, ProblemError } from '../call-api.ts';
import { Icon } from '../look/icon.tsx';
import type { Words } from '../words/en.ts';
import { useWords } from '../words/words.ts';
import { CopyButton } from './copy-button.tsx';
import { Prose } from './prose.tsx';

interface Told {
  title: string;
  effect: string;
  fix: string;
  code?: string;
  id?: string;
  sql?: string | undefined;
}

function toldOf(error: Error, words: Words): Told {
  const { problem: say } = words;
  if (error instanceof OfflineError) {
    return { title: say.offlineTitle, effect: say.offlineEffect, fix: say.offlineFix };
  }
  if (!(error instanceof ProblemError)) {
    return { title: say.unexpected, effect: say.unexpectedEffect, fix: say.unexpectedFix, code: error.message };
  }
  return toldBy(error.problem, words);
}

function toldBy(problem: ApiProblem, words: Words): Told {
  const { detail, effect, hint, code, instance, sql } = problem;
  const isRights = problem.status === 403;
  return {
    title: isRights ? words.problem.noRights : detail,
    effect: isRights ? detail : effect,
    fix: isRights && hint === '' ? words.problem.noRightsFix : hint,
    code,
    id: instance.replace('urn:uuid:', ''),
    sql,
  };
}

export function Problem({ error, onRetry }: { error: Error; onRetry?: () => unknown }): ReactNode {
  const words = useWords();
  return <ProblemText told={toldOf(error, words)} onRetry={onRetry} />;
}

/** The error that a run ended with. */
export function RunProblem({
  error,
  runId,
}: {
  error: Omit<Told, 'title' | 'fix'> & { message: string; hint: string };
  runId: string;
}): ReactNode {
  const { message, effect, hint, code, sql } = error;
  return <ProblemText told={{ title: message, effect, fix: hint, code: code ?? '', id: runId, sql }} />;
}

function ProblemText({ told, onRetry }: { told: Told; onRetry?: (() => unknown) | undefined }): ReactNode {
  const words = useWords();
  return (
    <section className="problem" role="alert">
      <span className="problem-mark">
        <Icon name="alert" size={18} />
      </span>
      <div className="problem-text">
        <h2>
          <Prose text={told.title} />
        </h2>
        <p className="soft">{told.effect}</p>
        {told.fix === '' ? null : (
          <p>
            <strong>{words.problem.fix}:</strong> <Prose text={told.fix} />
          </p>
        )}
        {told.sql === undefined ? null : <pre className="code">{told.sql}</pre>}
        <p className="problem-foot soft small">
          {told.code === undefined ? null : <code>{told.code}</code>}
          {told.id === undefined || told.id === '' ? null : (
            <>
              <code>{told.id}</code>
              <CopyButton text={told.id} />
            </>
          )}
        </p>
        {onRetry === undefined ? null : (
          <Button variant="default" onClick={() => void onRetry()}>
            {words.app.retry}
          </Button>
        )}
      </div>
    </section>
  );
}
