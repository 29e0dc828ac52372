// The live line: only on a terminal, one line long, gone when the run is over.
import { expect, test } from 'vitest';
import { openProgressLine, progressText } from './progress-line.ts';

function screen(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

test('nothing is written where stderr is not a terminal', () => {
  const to = screen(false);
  const line = openProgressLine(to);
  line.show({ phase: 'fetch', items: 10, bytes: 100 });
  line.end();
  expect(to.written).toEqual([]);
});

test('on a terminal the line is redrawn in place and wiped at the end', () => {
  const to = screen(true, 24);
  const line = openProgressLine(to);
  line.show({ phase: 'format', items: 1120, bytes: 3_355_443 });
  line.end();
  expect(to.written[0]).toBe('\r\u001b[2K  format  1,120 items  ');
  expect(to.written.at(-1)).toBe('\r\u001b[2K');
});

test('the text leaves out what is not known yet', () => {
  expect(progressText({ phase: null }, 40)).toBe('  starting  40 ms');
  expect(progressText({ phase: 'fetch', items: 0, bytes: 1500 }, 1400)).toBe('  fetch  1.5 kB  1.4 s');
});
