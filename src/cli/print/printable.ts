// Text from a POS made safe for a terminal: no control character of a menu may move the cursor or change a colour.

// C0, DEL, C1, line and paragraph separators, and the marks that turn the direction of text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** `text` on one line, control characters written as \xNN or \uNNNN. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** `printable` text of at most `width` characters; a cut is shown as an ellipsis. */
export function shortened(text: string, width: number): string {
  const safe = [...printable(text)];
  return safe.length <= width ? safe.join('') : `${safe.slice(0, width - 1).join('')}…`;
}
