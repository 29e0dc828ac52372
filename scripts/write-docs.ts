// Writes the generated documents, docs/reference/config.md and .env.example; with --check it only says whether they are current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Variable, variables } from '../src/config.ts';

const root = join(import.meta.dirname, '..');
const all = Object.values(variables) as Variable[];

/** Generated files by path inside the repository. */
export function generatedDocuments(): Record<string, string> {
  return { 'docs/reference/config.md': configPage(), '.env.example': envExample() };
}

/** Paths of generated files whose text on disk differs. */
export function staleDocuments(): string[] {
  return Object.entries(generatedDocuments())
    .filter(([path, text]) => readOrEmpty(path) !== text)
    .map(([path]) => path);
}

function configPage(): string {
  const rows = all.map((variable) => {
    const fallback = variable.fallback === '' ? 'not set' : `\`${variable.fallback}\``;
    return `| \`${variable.name}\` | ${fallback} | ${variable.secret ? 'yes' : 'no'} | ${variable.description} |`;
  });
  return `# Settings

<!-- Made by \`npm run docs\` from src/config.ts: edit there. -->

tillsync reads these variables from the environment and from the file \`.env\` in the working folder; the environment
wins, and an empty value counts as not set. A value that cannot be used stops the start with a sentence that names the
variable (exit code 2). A \`TILLSYNC_\` variable that is not listed here is warned about.

A secret may also come from a file: \`TILLSYNC_ADMIN_KEY_FILE=/run/secrets/admin-key\` reads the value of
\`TILLSYNC_ADMIN_KEY\` from there, and so for each variable marked secret.

| variable | default | secret | meaning |
|---|---|---|---|
${rows.join('\n')}

\`NO_COLOR\` (any value) turns colours off, as in other tools.
`;
}

function envExample(): string {
  const blocks = all.map(
    (variable) => `# ${variable.description.replaceAll('`', '')}\n#${variable.name}=${variable.fallback}\n`,
  );
  return `# Copy to .env and remove the # of what you set. Made by \`npm run docs\` from src/config.ts.\n\n${blocks.join('\n')}`;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const stale = staleDocuments();
    for (const path of stale) process.stderr.write(`${path} is not what src/config.ts says: run \`npm run docs\`.\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const [path, text] of Object.entries(generatedDocuments())) writeFileSync(join(root, path), text);
  }
}
