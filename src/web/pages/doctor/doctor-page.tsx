// The schema doctor: whether saves can work on these tables, and the exact SQL where they cannot.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { VerifyReport } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { PageHead, Section, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Prose } from '../../parts/prose.tsx';
import { useAnswer } from '../../queries/calls.ts';
import { number } from '../../words/say.ts';
import { findingWords } from '../../words/system/finding-words.ts';
import { useLanguage, useWords } from '../../words/words.ts';
import { AdoptionSection } from './adoption-section.tsx';

export function DoctorPage(): ReactNode {
  const { doctor, pages } = useWords();
  const report = useAnswer<VerifyReport>('/verify');
  return (
    <>
      <PageHead
        title={pages.doctor}
        actions={
          <Button variant="default" loading={report.isFetching} onClick={() => void report.refetch()}>
            {doctor.again}
          </Button>
        }
      >
        {doctor.intro}
      </PageHead>
      {report.error === null ? null : <Problem error={report.error} onRetry={report.refetch} />}
      {report.data === undefined && report.error === null ? <Waiting rows={6} /> : null}
      {report.data === undefined ? null : (
        <>
          <Report report={report.data} />
          <AdoptionSection />
        </>
      )}
    </>
  );
}

function Report({ report }: { report: VerifyReport }): ReactNode {
  const { doctor } = useWords();
  return (
    <>
      <p className={report.ok ? 'verdict ink-green' : 'verdict ink-red'}>
        <Icon name={report.ok ? 'check' : 'alert'} />
        {report.ok ? doctor.ready : doctor.notReady}
      </p>
      <Section title={doctor.tables} aside={`PostgreSQL ${report.server_version}`}>
        <ul className="plain-list tables">
          {report.tables.map(({ table, rows, with_wand_source_id }) => (
            <li key={table}>
              <code>{table}</code>
              <span>{doctor.owned(number(with_wand_source_id), number(rows))}</span>
            </li>
          ))}
        </ul>
      </Section>
      {report.findings.length === 0 ? null : (
        <Section title={doctor.findings} aside={report.findings.length}>
          {report.findings.map((finding) => (
            <FindingBox key={`${finding.rule} ${finding.table} ${finding.message}`} finding={finding} />
          ))}
        </Section>
      )}
    </>
  );
}

function FindingBox({ finding }: { finding: VerifyReport['findings'][number] }): ReactNode {
  const { doctor } = useWords();
  const { severity, message, sql, rule, table, examples } = finding;
  const isError = severity === 'error';
  const said = findingWords[useLanguage()](finding);
  return (
    <article className={isError ? 'finding finding-error' : 'finding'}>
      <p>
        <strong className={isError ? 'ink-red' : 'ink-amber'}>{isError ? doctor.error : doctor.warning}</strong>{' '}
        <Prose text={said ?? message} />
      </p>
      {said === null ? null : (
        <p className="soft" lang="en">
          <Prose text={message} />
        </p>
      )}
      <p className="soft small">
        <code>{rule}</code> {table === null ? null : <code>{table}</code>} {examples.join(', ')}
      </p>
      {sql === null ? null : (
        <>
          <pre className="code">{sql}</pre>
          <CopyButton text={sql} />
        </>
      )}
    </article>
  );
}
