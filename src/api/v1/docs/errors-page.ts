// The page at /api/docs/errors: what each code means and its fix, from docs/reference/errors.md; a problem's type leads here.
import { escaped, htmlPage, prose } from './html.ts';

/** The page made of the Markdown text of errors.md, in which each code has a section of one form. */
export function errorsPage(markdown: string): string {
  const blocks = markdown.split(/\n{2,}/).map((block) => blockText(block.trim()));
  return htmlPage('tillsync error codes', blocks.join('\n'));
}

function blockText(block: string): string {
  const heading = /^(#{1,3}) (.+)$/.exec(block);
  if (heading !== null) {
    const [, marks = '', text = ''] = heading;
    return `<h${marks.length} id="${escaped(text)}">${escaped(text)}</h${marks.length}>`;
  }
  if (block.startsWith('- ')) {
    const items = block.split(/\n(?=- )/).map((item) => `<li>${inline(item.slice(2))}</li>`);
    return `<ul>${items.join('')}</ul>`;
  }
  return `<p>${inline(block)}</p>`;
}

// Links lead to files of the repository, which a running server does not have.
function inline(text: string): string {
  return prose(text.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')).replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
}
