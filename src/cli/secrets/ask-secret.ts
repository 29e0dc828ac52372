// Asks somebody at a terminal for a secret, without showing what they type.

/** What is needed of a terminal. */
export interface SecretTerminal {
  input: Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;
  output: { write(text: string): unknown };
  /** Ctrl-C. */
  interrupt(): void;
}

const terminal: SecretTerminal = {
  input: process.stdin,
  output: process.stderr,
  interrupt: () => void process.kill(process.pid, 'SIGINT'),
};

const [ctrlC, ctrlD, backspace, del] = ['\u0003', '\u0004', '\b', '\u007f'];

/** One line, typed or pasted; Enter ends it. Nothing of it is echoed. */
export async function askSecret(name: string, { input, output, interrupt } = terminal): Promise<string> {
  output.write(`${name}: `);
  input.setRawMode(true);
  input.resume();
  try {
    return await new Promise((resolve) => {
      const typed: string[] = [];
      const end = () => {
        input.off('data', take);
        resolve(typed.join(''));
      };
      const take = (data: Buffer | string) => {
        for (const character of String(data)) {
          if (character === ctrlC) return interrupt();
          if (character === '\r' || character === '\n' || character === ctrlD) return end();
          if (character === backspace || character === del) typed.pop();
          else typed.push(character);
        }
      };
      input.on('data', take);
    });
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}
