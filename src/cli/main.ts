// The tillsync command: finds the verb, runs it, and turns whatever happens into words and an exit code.
import { readFileSync } from 'node:fs';
import v8 from 'node:v8';
import { Command, CommanderError } from 'commander';
import { exitCodes } from './exit-code.ts';
import { serverAddress } from './parse-options.ts';
import { reportError, reportUsage } from './report-error.ts';
import { refuseUndeclaredVerbs } from './verb-permissions.ts';
import { verbTable } from './verb-table.ts';

// Rows live for one batch. V8 learns from the first ones, while its heap is small, that they live long, and from then on puts
// what holds them where only a whole collection finds it: 40 MB more at a million rows.
v8.setFlagsFromString('--no-allocation-site-pretenuring');

const args = process.argv.slice(2);

async function buildProgram(): Promise<Command> {
  const program = new Command('tillsync')
    .description('Keeps every point-of-sale catalog in your Postgres, and keeps it true.')
    .version(version(), '--version', 'print the version')
    .option('--json', 'print one JSON document on stdout')
    .option('--database-url <url>', 'PostgreSQL 15 or later to use (default: DATABASE_URL, else the embedded one)')
    .option('--data-dir <folder>', 'folder of the embedded PostgreSQL and the key (default: .tillsync)')
    .option(
      '--server <url>',
      'go through the HTTP API of this tillsync server (default: TILLSYNC_SERVER, else none)',
      serverAddress,
    )
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .exitOverride()
    .addHelpText(
      'after',
      `
Exit codes: 0 ok, 1 failed, 2 usage or not runnable, 3 partial, 4 held, 5 already running, 75 try later.

Examples:
  $ tillsync demo
  $ tillsync configs add --connector qu --name "QU POS" --param brand=acme --param establishment=17 --param base_url=https://pos.example
  $ tillsync sync "QU POS" --wait
`,
    );
  for (const [name, { summary, load }] of Object.entries(verbTable)) {
    const command = program.command(name).description(summary);
    // Options after an unread verb are not known yet; its file is read only when its name was given.
    if (!args.includes(name)) continue;
    (await load()).define(command);
    refuseUndeclaredVerbs(command);
  }
  return program;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

async function run(): Promise<number> {
  try {
    const program = await buildProgram();
    if (args.length === 0) program.help({ error: true });
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Asking for help is no mistake.
      return error.exitCode === 0 ? exitCodes.ok : reportUsage(error, args.includes('--json'));
    }
    return await reportError(error, args.includes('--json'));
  }
}

// A reader that closes the pipe early (`| head`) has had enough; that is no error. Where words cannot be written (a full
// disk, a terminal that is gone) the work goes on: what it did stands in the database, and the exit code says the rest.
let isUnwritten = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (stream === process.stdout && error.code === 'EPIPE') process.exit(exitCodes.ok);
    isUnwritten = true;
  });
}
process.once('exit', (code) => {
  if (isUnwritten && code === exitCodes.ok) process.exitCode = exitCodes.failed;
});

process.exitCode = await run();
