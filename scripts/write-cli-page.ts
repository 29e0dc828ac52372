// Makes docs/reference/cli.md from the commands themselves: every verb's help as the terminal shows it.
import { Command } from 'commander';
import { verbTable } from '../src/cli/verb-table.ts';

/** The text of docs/reference/cli.md. */
export async function cliPage(): Promise<string> {
  const sections: string[] = [];
  for (const [name, { summary, load }] of Object.entries(verbTable)) {
    const program = new Command('tillsync');
    const command = program.command(name).description(summary);
    (await load()).define(command);
    sections.push(section(command));
  }
  return `${head}\n${sections.join('\n')}`;
}

function section(command: Command): string {
  const parts = command.commands.map((part) => block(part));
  return `## ${command.name()}\n\n${block(command)}${parts.map((part) => `\n${part}`).join('')}`;
}

function block(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (piece) => {
      text += piece;
    },
    getOutHelpWidth: () => 110,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;
}

const head = `# Commands

<!-- Made by \`npm run docs\` from src/cli/: edit there. -->

\`./bin/tillsync <verb>\` in a checkout. It opens the database itself: \`--database-url\` or \`DATABASE_URL\`, else the embedded
PostgreSQL under \`--data-dir\` or \`TILLSYNC_DATA_DIR\` (default \`.tillsync\`), which it starts, or joins where it runs already.

- **\`--server <url>\`** (or \`TILLSYNC_SERVER\`, with \`TILLSYNC_API_KEY\`) goes through the [HTTP API](api.md) of a server instead, with the same
  output and exit codes: \`sync\`, \`import\`, \`runs\`, \`diff\`, \`items\`, \`configs list|show|explain|what-if|remove\`, \`connectors list|test\`,
  \`sources list|show|retire|delete\`, \`concepts|companies|sites list|add|remove\`, \`keys\`, \`audit\`. All other verbs refuse. A sync then
  runs there: \`--wait\` follows it to its end, and Ctrl-C only stops following.
- **Data on stdout, talk on stderr.** \`--json\` prints one JSON document; its shapes are stable. A progress line is shown on a terminal only.
- **A config** is named by its id or its exact name.
- **Secrets** never stand in a flag: \`--secret name=-\` reads stdin, \`--secret name=@file\` a file.

| exit code | meaning |
|---|---|
| 0 | ok |
| 1 | failed |
| 2 | wrong usage, or the config is not runnable |
| 3 | partial: saved, some items rejected |
| 4 | held: nothing was written, the run waits for you |
| 5 | already running (without \`--wait\`) |
| 75 | failed for a reason that may pass: try later |
| 130, 143 | ended by Ctrl-C or SIGTERM |

With \`--json\`, lists are \`{"data": […], "next": cursor or null}\`, and a run is \`{id, status, phase, trigger, dry_run, config_id,
source_id, site_id, parent_id, started_at, finished_at, counts: {products: {received, created, updated, unchanged, removed, restored,
rejected, duplicates, filtered}, modifiers: {…}, discounts: {…}}, complete, reads, hold, error}\`. An error is \`{"error": {code, step,
message, effect, hint, doc, retry}}\`; the codes are [listed here](errors.md).
`;
