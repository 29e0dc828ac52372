// Beside the form: what is not saved yet, what it would do, the test of it, and saving.
import { Button } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { CheckReport, ShownConfig, WhatIf } from '../../api-types.ts';
import { ProblemError } from '../../call-api.ts';
import { CheckSteps } from '../../parts/check-steps.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { useChange } from '../../queries/calls.ts';
import { useWords } from '../../words/words.ts';
import { changesIn, type Patch } from './edits.ts';
import { asksForChoice, type Choice, WhatWouldChange } from './what-would-change.tsx';

interface PanelProps {
  config: ShownConfig;
  patch: Patch;
  whatIf: UseQueryResult<WhatIf, Error>;
  choice: Choice | null;
  onChoose(choice: Choice): void;
  save: { send(shareSecrets?: boolean): void; error: Error | null; isPending: boolean };
  onDiscard(): void;
}

export function SavePanel({ config, patch, whatIf, choice, onChoose, save, onDiscard }: PanelProps): ReactNode {
  const { settings } = useWords().edit;
  const count = changesIn(patch);
  const lacksChoice = patch.params !== undefined && asksForChoice(whatIf.data) && choice === null;
  return (
    <aside className="trial save-panel">
      <p className="strong" role="status">
        {count === 0 ? settings.noChanges : settings.unsaved(count)}
      </p>
      {patch.params === undefined ? null : (
        <section aria-label={settings.would}>
          <h2>{settings.would}</h2>
          <WhatWouldChange config={config} whatIf={whatIf} choice={choice} onChoose={onChoose} />
        </section>
      )}
      {count === 0 ? null : (
        <div className="live-actions">
          <Button type="submit" disabled={lacksChoice} loading={save.isPending}>
            {settings.save}
          </Button>
          <Button variant="default" onClick={onDiscard}>
            {settings.discard}
          </Button>
        </div>
      )}
      {lacksChoice ? <p className="small ink-amber">{settings.chooseFirst}</p> : null}
      <Refused save={save} />
      <Test config={config} patch={patch} />
    </aside>
  );
}

/** A secret that would go further than it is asked for waits for a yes; who is there may be asked for once more. */
function Refused({ save }: Pick<PanelProps, 'save'>): ReactNode {
  const { settings } = useWords().edit;
  const { error } = save;
  const code = error instanceof ProblemError ? error.problem.code : '';
  // Told beside the fields.
  if (code === 'config_version_stale') return null;
  return (
    <>
      <Refusal error={error} onProved={() => save.send()} />
      {code === 'secret_reaches_elsewhere' ? (
        <>
          <p className="small">{settings.share}</p>
          <Button variant="default" onClick={() => save.send(true)}>
            {settings.shareButton}
          </Button>
        </>
      ) : null}
    </>
  );
}

function Test({ config, patch }: Pick<PanelProps, 'config' | 'patch'>): ReactNode {
  const { settings } = useWords().edit;
  const { params, secrets } = patch;
  const test = useChange<CheckReport>();
  const change = { ...(params === undefined ? {} : { params }), ...(secrets === undefined ? {} : { secrets }) };
  return (
    <section className="save-test" aria-label={settings.test}>
      <Button
        variant="default"
        loading={test.isPending}
        onClick={() => test.mutate({ path: `/configs/${config.id}/test`, method: 'POST', body: change })}
      >
        {settings.test}
      </Button>
      <p className="small soft">{settings.testHelp}</p>
      {test.error === null ? null : <Problem error={test.error} />}
      {test.data === undefined ? null : <CheckSteps report={test.data} />}
    </section>
  );
}
