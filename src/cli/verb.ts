// What a verb of the command is: a line in the help, and a definition that is loaded only when it is called.
import type { Command } from 'commander';

/** A verb's own file exports one of these; `define` adds arguments, options, help and the action. */
export interface Verb {
  define(command: Command): void;
}

/** Options that every verb takes, before or after its name. */
export interface GlobalOptions {
  json?: boolean;
  databaseUrl?: string;
  dataDir?: string;
  server?: string;
}

/** The options of a command together with the global ones. */
export function optionsOf<Options>(command: Command): Options & GlobalOptions {
  return command.optsWithGlobals() as Options & GlobalOptions;
}

/** The help's example block. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`;
}
