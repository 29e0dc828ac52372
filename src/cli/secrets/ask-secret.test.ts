// A secret typed at a terminal: read to Enter, corrected with backspace, and never shown.
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { askSecret } from './ask-secret.ts';

function openTerminal() {
  const shown: string[] = [];
  const modes: boolean[] = [];
  let interrupts = 0;
  const input = Object.assign(new EventEmitter(), {
    setRawMode: (mode: boolean) => void modes.push(mode),
    resume: () => undefined,
    pause: () => undefined,
  });
  const output = { write: (text: string) => void shown.push(text) };
  const interrupt = () => {
    interrupts += 1;
  };
  return { terminal: { input, output, interrupt } as never, input, shown, modes, interrupts: () => interrupts };
}

test('S58: a secret that is typed at a terminal is read to Enter and not shown', async () => {
  const { terminal, input, shown, modes } = openTerminal();
  const asked = askSecret('api_key', terminal);
  for (const keys of ['corre', 'kt\u007f\u007fct horse', Buffer.from(' ☕'), '\rrest']) input.emit('data', keys);
  expect(await asked).toBe('correct horse ☕');
  expect(shown.join('')).toBe('api_key: \n');
  expect(modes).toEqual([true, false]);
  expect(input.listenerCount('data')).toBe(0);
});

test('Ctrl-C interrupts as ever', () => {
  const { terminal, input, interrupts } = openTerminal();
  void askSecret('api_key', terminal);
  input.emit('data', 'abc\u0003');
  expect(interrupts()).toBe(1);
});
