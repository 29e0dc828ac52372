// Reads the documents: their links, their anchors, and the code blocks that must run.
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Path inside the repository → text, of all documents. */
export function readDocuments(root: string): ReadonlyMap<string, string> {
  const paths = [...globSync('*.md', { cwd: root }), ...globSync('{docs,src}/**/*.md', { cwd: root })];
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** Links of a document that point into the repository, as path and anchor ('' where there is none). */
export function linksOf(path: string, text: string): { target: string; anchor: string }[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => String(link))
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = '', anchor = ''] = link.split('#');
      return { target: file === '' ? path : posix.join(posix.dirname(path), file), anchor };
    });
}

/** Anchors that a document's headings make, as GitHub makes them. */
export function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => String(heading));
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/ /g, '-'),
    ),
  );
}

/** One block marked "sh run": its commands for bash, and the pieces of output that its `# =>` lines name, in order. */
export interface RunnableBlock {
  line: number;
  commands: string;
  expected: string[];
}

/** Blocks marked "sh run". `# => text` expects that text in the output (… stands for anything), `# exit 4` that exit code. */
export function runnableBlocks(text: string): RunnableBlock[] {
  return [...text.matchAll(/^```sh run\n([\s\S]*?)^```$/gm)].map((match) => {
    const lines = String(match[1]).split('\n');
    return {
      line: text.slice(0, match.index).split('\n').length,
      commands: lines.map(withExitCode).join('\n'),
      expected: lines.filter((line) => line.startsWith('# => ')).map((line) => line.slice(5).trim()),
    };
  });
}

function withExitCode(line: string): string {
  const match = /^(.*?)\s+# exit (\d+)$/.exec(line);
  return match ? `code=0; { ${match[1]}; } || code=$?; [ "$code" -eq ${match[2]} ]` : line;
}

/** The pattern of an expected piece of output: spaces match any white space, … anything on the line. */
export function expectedPattern(expected: string): RegExp {
  const escaped = expected.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
  return new RegExp(escaped.replaceAll('…', '.*'));
}
