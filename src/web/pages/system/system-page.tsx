// The system page: what needs a person first, then how this tillsync stands, part by part.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { System } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { Badge } from '../../look/status.tsx';
import { PageHead, Section, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Prose } from '../../parts/prose.tsx';
import { warningWords } from '../../words/system/warning-words.ts';
import { useLanguage, useWords } from '../../words/words.ts';
import { QueueFigures } from './queue-figures.tsx';
import { Limits, Retention } from './retention-and-limits.tsx';
import { Settings } from './settings.tsx';
import '../../look/system.css';
import { span } from './times.ts';
import { useSystem } from './use-system.ts';
import { VaultKeys } from './vault-keys.tsx';
import { Versions } from './versions.tsx';
import { Workers } from './workers.tsx';

export function SystemPage(): ReactNode {
  const { system: words, pages } = useWords();
  const system = useSystem();
  const { data, error } = system;
  const sentence =
    data === undefined
      ? undefined
      : words.running(data.process.version, span(data.process.uptime_seconds), data.process.host);
  const download = (
    <Button
      component="a"
      variant="default"
      href="/api/v1/system/diagnostics"
      download
      leftSection={<Icon name="download" />}
    >
      {words.download}
    </Button>
  );
  return (
    <>
      <PageHead title={pages.system} actions={data === undefined ? undefined : download}>
        {sentence}
      </PageHead>
      {error === null ? null : <Problem error={error} onRetry={system.refetch} />}
      {data === undefined && error === null ? <Waiting rows={10} /> : null}
      {data === undefined ? null : <Parts system={data} />}
    </>
  );
}

function Parts({ system }: { system: System }): ReactNode {
  const { system: words } = useWords();
  return (
    <>
      <Needs warnings={system.warnings} />
      <Section title={words.queue}>
        <QueueFigures queue={system.queue} />
      </Section>
      <Workers system={system} />
      <div className="columns">
        <Versions system={system} />
        <div>
          <VaultKeys vault={system.vault} />
          <Retention retention={system.retention} />
        </div>
      </div>
      <Limits limits={system.limits} />
      <Settings settings={system.settings} />
      <Section title={words.bundle}>
        <p className="system-prose">{words.bundleText}</p>
        <p className="system-prose soft">{words.bundleSecrets}</p>
      </Section>
    </>
  );
}

function Needs({ warnings }: Pick<System, 'warnings'>): ReactNode {
  const { system: words, pages } = useWords();
  const said = warningWords[useLanguage()];
  if (warnings.length === 0) {
    return (
      <p className="all-good system-good">
        <Icon name="check" />
        {words.good}
      </p>
    );
  }
  return (
    <Section title={words.needs} aside={warnings.length}>
      <ul className="needs">
        {warnings.map((warning) => {
          const { code, severity } = warning;
          const [message, hint] = said(warning);
          return (
            <li key={`${code} ${warning.message}`} className="need system-need">
              {severity === 'error' ? (
                <Badge tone="red" icon="cross">
                  {words.error}
                </Badge>
              ) : (
                <Badge tone="amber" icon="alert">
                  {words.warning}
                </Badge>
              )}
              <div className="need-text">
                <p>
                  <Prose text={message} />
                </p>
                <p className="soft">
                  <Prose text={hint} />
                </p>
                {code === 'keys_broken' || code === 'row_security_missing' ? (
                  <Link to="/doctor">{pages.doctor}</Link>
                ) : null}
              </div>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
