// Numbers and plurals inside sentences, in the language that is chosen.

let locale = 'en-US';

/** Called when the language changes. */
export function sayIn(next: string): void {
  locale = next;
}

/** The language's own code, e.g. 'de-DE'. */
export function saidIn(): string {
  return locale;
}

/** 1120 → '1,120' or '1.120'. */
export function number(value: number): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** '1 item', '1,120 items'. */
export function counted(value: number, one: string, many: string): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}
