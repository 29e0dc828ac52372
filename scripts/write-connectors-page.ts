// Makes docs/reference/connectors.md from the folders of the connectors: what each can do, and every setting of it.
import type { z } from 'zod';
import type { Connector } from '../src/connectors/connector.ts';
import { describeConnector, type ShownConnector } from '../src/connectors/describe-connector.ts';
import { loadConnectors } from '../src/connectors/load-connectors.ts';

/** The text of docs/reference/connectors.md. */
export async function connectorsPage(): Promise<string> {
  const connectors = [...(await loadConnectors()).values()];
  const shown = connectors.map(describeConnector);
  return `${head}\n${[columns, columns.replace(/[^|]+/g, '---'), ...shown.map(row)].join('\n')}\n\n${connectors.map(section).join('\n')}`;
}

const columns = '| connector | identity | reads changes | removals | webhooks | locations | secrets |';

function row(shown: ShownConnector): string {
  const { cursor, probe } = shown.incremental;
  const cells = [
    `[\`${shown.id}\`](#${shown.id})`,
    shown.identity.map(code).join(', '),
    cursor !== null ? `yes (${cursor})` : probe !== null ? `asks whether there are any (${probe})` : 'no',
    shown.removal,
    shown.webhooks ? 'yes' : 'no',
    shown.per_location ? 'several in one source' : shown.lists_locations ? 'one, from a list' : 'one',
    shown.secret_fields.map(code).join(', ') || 'none',
  ];
  return `| ${cells.join(' | ')} |`;
}

function section({ id, title, settings }: Connector): string {
  const rows = Object.entries(settings.shape).map(([name, schema]) => {
    const { description = '' } = schema as z.ZodType;
    const { title = '' } = (schema as z.ZodType).meta() ?? {};
    return `| ${code(name)} | ${title} | ${description.replaceAll('|', '\\|')} |`;
  });
  return `## ${id}\n\n${title}\n\n| param | in the web UI | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function code(name: string): string {
  return `\`${name}\``;
}

const head = `# Connectors

<!-- Made by \`npm run docs\` from src/connectors/: edit there. -->

What this version can talk to; \`tillsync connectors list\` and \`GET /api/v1/connectors\` say the same.

- **identity**: the params that name one catalog; two configs with the same ones read the same source.
- **reads changes**: whether a sync can ask for what changed since the last one.
- **removals**: how it learns that an item is gone: *absence* from a whole answer, a *tombstone* that the POS sends, or *never*.
- **locations**: whether one config reads one place or several.
`;
