// The test of a stored config, asked for when it is opened.
import { Button } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { CheckSteps } from '../../parts/check-steps.tsx';
import { Section, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useConfigCall } from '../../queries/configs.ts';
import { useWords } from '../../words/words.ts';

export function ConnectionTest({ configId, onClose }: { configId: string; onClose(): void }): ReactNode {
  const words = useWords();
  const test = useConfigCall(configId);
  const { mutate } = test;
  useEffect(() => mutate({ verb: 'test', body: {} }), [mutate]);
  return (
    <Section
      title={words.integration.testTitle}
      aside={
        <Button variant="subtle" size="compact-sm" onClick={onClose}>
          {words.app.close}
        </Button>
      }
    >
      {test.isPending ? (
        <>
          <p className="soft">{words.integration.testing}</p>
          <Waiting rows={6} />
        </>
      ) : null}
      {test.error === null ? null : <Problem error={test.error} onRetry={() => mutate({ verb: 'test', body: {} })} />}
      {test.data === undefined ? null : <CheckSteps report={test.data} />}
    </Section>
  );
}
