// The settings of an integration, each with the level that set it; secrets are only named.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Explanation, ShownConfig, Source } from '../../api-types.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Section, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { When } from '../../parts/when.tsx';
import { useExplanation } from '../../queries/configs.ts';
import { useMay } from '../../queries/may.ts';
import { scheduleWords } from '../../words/schedule-words.ts';
import { useWords } from '../../words/words.ts';

export function Settings({ config, source }: { config: ShownConfig; source: Source | undefined }): ReactNode {
  const words = useWords();
  const explanation = useExplanation(config.id);
  return (
    <div className="columns">
      <Section title={words.integration.settings} aside={<EditLink configId={config.id} />}>
        {explanation.error === null ? null : <Problem error={explanation.error} onRetry={explanation.refetch} />}
        {explanation.data === undefined ? <Waiting rows={4} /> : <Params explanation={explanation.data} />}
      </Section>
      <Section title={words.run.tabs.facts}>
        <Facts config={config} source={source} />
      </Section>
    </div>
  );
}

/** Whoever may only look sees how the levels work instead. */
function EditLink({ configId }: { configId: string }): ReactNode {
  const words = useWords();
  const may = useMay();
  if (!may.administer) return words.integration.settingsIntro;
  return (
    <Link to="/integrations/$configId/settings" params={{ configId }}>
      {words.edit.settings.edit}
    </Link>
  );
}

function Params({ explanation }: { explanation: Explanation }): ReactNode {
  const { integration, edit } = useWords();
  const by = (from: Explanation['levels'][number] | null) => {
    if (from === null) return <span className="soft">{integration.ofDefault}</span>;
    if (from.config_id === explanation.config_id) return integration.here;
    return (
      <Link className="inherited" to="/integrations/$configId" params={{ configId: from.config_id }}>
        {edit.settings.from[from.level](from.name)}
      </Link>
    );
  };
  return (
    <div className="table-frame">
      <table className="rows">
        <caption className="hidden">{integration.settings}</caption>
        <thead>
          <tr>
            <th scope="col">{integration.setting}</th>
            <th scope="col">{integration.value}</th>
            <th scope="col">{integration.from}</th>
          </tr>
        </thead>
        <tbody>
          {explanation.params.map(({ name, value, from, is_identity }) => (
            <tr key={name}>
              <th scope="row" className="mono">
                {name}
                {is_identity ? <span className="under">{integration.identity}</span> : null}
              </th>
              <td className="mono" data-label={integration.value}>
                {typeof value === 'string' ? value : JSON.stringify(value)}
              </td>
              <td data-label={integration.from}>{by(from)}</td>
            </tr>
          ))}
          {explanation.secrets.map(({ name, from, set_at, ends_in }) => (
            <tr key={name}>
              <th scope="row" className="mono">
                {name}
              </th>
              <td className="soft" data-label={integration.value}>
                {integration.secret}
                {set_at === null ? null : (
                  <span className="under">
                    {integration.secretSet} <When at={set_at} />
                  </span>
                )}
                {ends_in === null ? null : (
                  <span className="under">
                    {integration.secretEnds} <code>{ends_in}</code>
                  </span>
                )}
              </td>
              <td data-label={integration.from}>{by(from)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Facts({ config, source }: { config: ShownConfig; source: Source | undefined }): ReactNode {
  const words = useWords();
  const { integration } = words;
  const hasOwnGuard = Object.keys(config.guard).length > 0;
  return (
    <dl className="facts">
      <dt>{integration.schedule}</dt>
      <dd>{scheduleWords(config.schedule, words)}</dd>
      <dt>{words.integrations.next}</dt>
      <dd>
        <When at={config.schedule.next_due_at} empty="–" />
      </dd>
      <dt>{integration.removals}</dt>
      <dd>
        <When at={config.removals_checked_at} />
      </dd>
      <dt>{integration.guard}</dt>
      <dd>{hasOwnGuard ? integration.guardOwn : integration.guardPreset}</dd>
      {source === undefined ? null : (
        <>
          <dt>{integration.source}</dt>
          <dd>
            {source.name}
            <span className="under mono">
              {Object.entries(source.identity ?? {})
                .map(([name, value]) => `${name} ${value}`)
                .join(', ')}
            </span>
          </dd>
        </>
      )}
      <dt>Id</dt>
      <dd>
        <code>{config.id}</code> <CopyButton text={config.id} />
      </dd>
    </dl>
  );
}
