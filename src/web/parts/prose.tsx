// A sentence of the server, in which `code` stands between backticks.
import { Fragment, type ReactNode } from 'react';

export function Prose({ text }: { text: string }): ReactNode {
  const parts = text.split('`');
  return parts.map((part, index) =>
    // Every second part stood between two of them; a lone one is a character like any other.
    index % 2 === 1 && index < parts.length - 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence never move.
      <code key={index}>{part}</code>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence never move.
      <Fragment key={index}>{part}</Fragment>
    ),
  );
}
