// The parts of the form: settings, secrets and limits; what matters now stands open, the rest folded.
import type { ReactNode } from 'react';
import type { Connector, Explanation, ShownConfig } from '../../api-types.ts';
import { Section } from '../../parts/page-parts.tsx';
import { useWords } from '../../words/words.ts';
import { neededNow, type SettingField, textOf } from '../connect/fields-of.ts';
import type { Edits } from './edits.ts';
import { GuardRows } from './guard-rows.tsx';
import { ParamRow } from './param-row.tsx';
import { SecretRow } from './secret-row.tsx';

interface PartProps {
  config: ShownConfig;
  connector: Connector;
  explanation: Explanation;
  fields: readonly SettingField[];
  edits: Edits;
  onEdit(name: string, value: string | null | undefined): void;
}

/** What would hold after saving, as text. */
function inForce({ explanation, edits }: PartProps): Record<string, string> {
  const found = Object.fromEntries(explanation.params.map(({ name, value }) => [name, textOf(value)]));
  for (const [name, text] of Object.entries(edits.params)) {
    const [next] = explanation.params.find((each) => each.name === name)?.hides ?? [];
    found[name] = text ?? (next === undefined ? '' : textOf(next.value));
  }
  return found;
}

export function Params(of: PartProps): ReactNode {
  const { integration } = useWords();
  const { settings } = useWords().edit;
  const { config, connector, explanation, fields, edits, onEdit } = of;
  const needed = neededNow(connector, fields, inForce(of));
  const row = (field: SettingField) => (
    <ParamRow
      key={field.name}
      field={field}
      config={config}
      explained={explanation.params.find(({ name }) => name === field.name)}
      isIdentity={connector.identity.includes(field.name)}
      edit={edits.params[field.name]}
      onEdit={(value) => onEdit(field.name, value)}
    />
  );
  // What nobody set stands folded, so that what is in force can be seen at once.
  const isShown = ({ name, isRequired }: SettingField) =>
    isRequired ||
    needed.deciding.includes(name) ||
    edits.params[name] !== undefined ||
    explanation.params.some((each) => each.name === name && each.from !== null);
  const folded = fields.filter((field) => !isShown(field));
  return (
    <Section title={settings.params} aside={integration.settingsIntro}>
      {fields.filter(isShown).map(row)}
      {folded.length === 0 ? null : (
        <details className="raw folded">
          <summary>{settings.moreSettings(folded.length)}</summary>
          {folded.map(row)}
        </details>
      )}
    </Section>
  );
}

export function Secrets(of: PartProps): ReactNode {
  const { settings } = useWords().edit;
  const { config, connector, explanation, fields, edits, onEdit } = of;
  const needed = neededNow(connector, fields, inForce(of));
  // What is stored and no longer known may still be taken away.
  const names = [...new Set([...connector.secret_fields, ...Object.keys(config.secrets)])];
  if (names.length === 0) return null;
  const row = (name: string) => (
    <SecretRow
      key={name}
      name={name}
      config={config}
      explained={explanation.secrets.find((each) => each.name === name)}
      edit={edits.secrets[name]}
      onEdit={(value) => onEdit(name, value)}
    />
  );
  const isShown = (name: string) =>
    needed.secrets.includes(name) ||
    edits.secrets[name] !== undefined ||
    explanation.secrets.some((each) => each.name === name);
  const folded = names.filter((name) => !isShown(name));
  return (
    <Section title={settings.secrets}>
      <p className="soft small">{settings.secretsHelp}</p>
      {names.filter(isShown).map(row)}
      {folded.length === 0 ? null : (
        <details className="raw folded">
          <summary>{settings.moreSecrets(folded.length)}</summary>
          {folded.map(row)}
        </details>
      )}
    </Section>
  );
}

export function Guard({ config, explanation, edits, onEdit }: PartProps): ReactNode {
  const { settings } = useWords().edit;
  const [first] = explanation.guard;
  // Its own limits stand open, so that nobody has to look for them.
  const open = new Set([first?.name ?? '', ...Object.keys(config.guard)]);
  const rows = (isOpen: boolean) => (
    <GuardRows
      config={config}
      limits={explanation.guard.filter(({ name }) => open.has(name) === isOpen)}
      edits={edits.guard}
      onEdit={onEdit}
    />
  );
  return (
    <Section title={settings.guard}>
      <p className="soft small">{settings.guardHelp}</p>
      <div className="guard">
        {rows(true)}
        <details className="raw folded">
          <summary>{settings.moreLimits(explanation.guard.filter(({ name }) => !open.has(name)).length)}</summary>
          {rows(false)}
        </details>
      </div>
    </Section>
  );
}

interface WaysProps<Way extends string> {
  /** Of the group of radio buttons, once on a page. */
  name: string;
  question: string;
  /** Value, label and help of each. */
  ways: readonly (readonly [Way, string, string])[];
  chosen: Way | null;
  onChoose(way: Way): void;
}

/** One of several ways to go on, each with what it does to the items. */
export function Ways<Way extends string>({ name, question, ways, chosen, onChoose }: WaysProps<Way>): ReactNode {
  return (
    <fieldset className="choices">
      <legend>{question}</legend>
      {ways.map(([way, label, help]) => (
        <label key={way} className="choice">
          <input type="radio" name={name} checked={chosen === way} onChange={() => onChoose(way)} />
          <span>
            <span className="strong">{label}</span>
            <span className="under">{help}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
