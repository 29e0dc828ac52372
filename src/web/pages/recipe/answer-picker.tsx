// Which answer the recipe is tried on: a stored one of a run, or one that is pasted or opened from a file.
import { Button, Textarea } from '@mantine/core';
import { type ReactNode, useRef } from 'react';
import { ChoiceField } from '../../parts/filter-field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useConfigs } from '../../queries/configs.ts';
import { shortly, size } from '../../words/quantities.ts';
import { useWords } from '../../words/words.ts';
import type { Picked, StoredAnswer } from './use-stored-answer.ts';

interface PickerProps {
  picked: Picked;
  stored: StoredAnswer;
  /** Names of the recipe's requests; [] = there is one only. */
  requests: readonly string[];
  change(part: Partial<Picked>): void;
}

export function AnswerPicker({ picked, stored, requests, change }: PickerProps): ReactNode {
  const { recipe: words } = useWords();
  return (
    <>
      <div className="filters picker">
        <ChoiceField
          label={words.answerFrom}
          value={picked.from}
          choices={[
            ['run', `${words.answerFrom} ${words.fromRun}`],
            ['paste', `${words.answerFrom} ${words.pasted}`],
          ]}
          onChange={(from) => change({ from: from as Picked['from'] })}
        />
        {picked.from === 'run' ? <Stored picked={picked} stored={stored} change={change} /> : null}
        {requests.length > 0 ? (
          <ChoiceField
            label={words.request}
            value={picked.request}
            choices={[['', words.chooseRequest], ...requests.map((name) => [name, name] as const)]}
            onChange={(request) => change({ request })}
          />
        ) : null}
      </div>
      {picked.from === 'paste' ? <Pasted text={picked.text} change={change} /> : null}
      {stored.error === null ? null : <Problem error={stored.error} />}
    </>
  );
}

function Stored({ picked, stored, change }: Omit<PickerProps, 'requests'>): ReactNode {
  const { recipe: words, statuses, run: runWords } = useWords();
  const configs = useConfigs();
  const { runs, runId, pages, page } = stored;
  const isNone = runs?.length === 0 || pages?.length === 0;
  return (
    <>
      <ChoiceField
        label={words.integration}
        value={picked.configId}
        choices={[
          ['', words.chooseIntegration],
          ...(configs.data ?? []).filter((each) => each.source_id !== null).map(({ id, name }) => [id, name] as const),
        ]}
        onChange={(configId) => change({ configId, runId: '', page: null })}
      />
      {picked.configId !== '' && runs !== undefined && runs.length > 0 ? (
        <ChoiceField
          label={words.run}
          value={runId}
          choices={runs.map((run) => [run.id, `${shortly(run.created_at)} · ${statuses[run.status]}`] as const)}
          onChange={(id) => change({ runId: id, page: null })}
        />
      ) : null}
      {pages !== undefined && pages.length > 0 && page !== null ? (
        <ChoiceField
          label={words.page}
          value={String(page)}
          choices={pages.map(
            (each) => [String(each.page), `${runWords.page(each.page + 1)} · ${size(each.bytes ?? 0)}`] as const,
          )}
          onChange={(text) => change({ runId, page: Number(text) })}
        />
      ) : null}
      {picked.configId !== '' && isNone ? <p className="soft small picker-none">{words.noRuns}</p> : null}
    </>
  );
}

function Pasted({ text, change }: { text: string; change(part: Partial<Picked>): void }): ReactNode {
  const { recipe: words } = useWords();
  const file = useRef<HTMLInputElement>(null);
  return (
    <div className="pasted">
      <Textarea
        label={words.paste}
        description={words.pasteHelp}
        value={text}
        rows={5}
        classNames={{ input: 'pasted-text' }}
        spellCheck={false}
        onChange={(event) => change({ text: event.currentTarget.value })}
      />
      <input
        ref={file}
        type="file"
        className="hidden"
        accept=".json,.txt,application/json"
        tabIndex={-1}
        aria-label={words.upload}
        onChange={(event) => {
          const [chosen] = event.currentTarget.files ?? [];
          void chosen?.text().then((read) => change({ text: read }));
        }}
      />
      <Button variant="default" size="xs" onClick={() => file.current?.click()}>
        {words.upload}
      </Button>
    </div>
  );
}
