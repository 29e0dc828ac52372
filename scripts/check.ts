// `npm run check`: everything that must hold, with `N passed, N failed` as its last line and exit code 1 on any failure.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { importsOf, readSources, resolveImport, type Sources } from './read-sources.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');
// Tools come from node_modules, whatever Node the machine has.
const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  // Stories start the command some hundred times; with its code compiled before, each start takes half the time.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'),
};

interface Counts {
  passed: number;
  failed: number;
  /** One line for each failed test, with the first words of its error. */
  failures: string[];
}

async function main(): Promise<void> {
  const started = performance.now();
  // What the stories of the web UI open.
  await run(['node', 'scripts/build-web.ts'], {});
  // Beside the tests, which mostly wait.
  const staticSteps = Promise.all([
    step('format and lint', ['biome', 'check', '.']),
    // Each file with the tsconfig nearest to it, Node's or the web UI's, and forgotten promises with the same types.
    step('types', ['oxlint', '--type-aware', '--type-check']),
    step('generated documents', ['node', 'scripts/write-docs.ts', '--check']),
    step('unused exports', ['node', 'scripts/find-unused.ts']),
  ]);
  const reports = mkdtempSync(join(tmpdir(), 'tillsync-check-'));
  // Side by side: what the one waits for is time for the other.
  const [on18, on15] = await Promise.all([
    runTests('18', ['--maxWorkers=4'], reports),
    runTests('15', ['--maxWorkers=1', ...databaseTests()], reports),
  ]);
  rmSync(reports, { recursive: true });
  const steps = await staticSteps;
  const failedSteps = steps.filter((name) => name !== null);
  const passed = on18.passed + on15.passed;
  const failed = on18.failed + on15.failed + failedSteps.length;
  const took = Math.round((performance.now() - started) / 1000);
  // Told again at the end: what went wrong must not be searched for in thousands of lines.
  for (const line of [...on18.failures, ...on15.failures]) process.stdout.write(`\n${line}\n`);
  process.stdout.write(
    `\nchecked in ${took} s${failedSteps.length > 0 ? `; failed: ${failedSteps.join(', ')}` : ''}\n`,
  );
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Runs one check; null when it holds, its name when it does not. Its output is shown only then. */
async function step(name: string, command: readonly string[]): Promise<string | null> {
  const { code, output } = await run(command, { quiet: true });
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}\n${code === 0 ? '' : output}`);
  return code === 0 ? null : name;
}

async function runTests(major: string, words: readonly string[], folder: string): Promise<Counts> {
  const report = join(folder, `${major}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // One run may draw on the terminal; the other is told when it is over.
  const quiet = major !== '18';
  const { code, output } = await run(['vitest', 'run', ...reporters, ...words], { major, quiet });
  process.stdout.write(`\ntests on PostgreSQL ${major} are over\n${output}`);
  const counts = readCounts(report, major);
  if (code === 0 || counts.failed > 0) return counts;
  // A file that cannot be loaded, or an error outside any test, fails the run without a failed test.
  const lost = `FAILED on ${major}: outside any test; see vitest's own words above`;
  return { ...counts, failed: 1, failures: [...counts.failures, lost] };
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: readonly {
    name: string;
    message: string;
    assertionResults: readonly { status: string; fullName: string; failureMessages: readonly string[] }[];
  }[];
}

function readCounts(path: string, major: string): Counts {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
    const failures = report.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) => {
          const words = failureMessages.join('\n').slice(0, 1_500);
          return `FAILED on ${major}: ${relative(root, name)}: ${fullName}\n${words}`;
        }),
    );
    return { passed: report.numPassedTests, failed: report.numFailedTests, failures };
  } catch {
    return { passed: 0, failed: 1, failures: [`FAILED on ${major}: no report; see vitest's own words above`] };
  }
}

// What these hold is not the server's doing (commands, HTTP, people, recipes, leases, deaths, the guard, when a run repeats the
// last one, the engine against a model), or only its size (a million rows). Their statements run on 15 in other tests: of the 446
// texts that the engine sent there with all of the last eighteen, none is missing without them (by the server's own log); those of
// the routes are sent by test/api.story.test.ts. test/sql-text.test.ts knows words that 15 lacks. They would take seven more minutes.
const onNewestOnly = new Set([
  'test/access/attacks.story.test.ts',
  'test/access/audit-people.story.test.ts',
  'test/check-connection.story.test.ts',
  'test/deep-bodies.story.test.ts',
  'test/edit-settings.story.test.ts',
  'test/faults/database-states.story.test.ts',
  'test/http/events.story.test.ts',
  'test/import.story.test.ts',
  'test/import-memory.story.test.ts',
  'test/people/links.story.test.ts',
  'test/pos/serve-pos.story.test.ts',
  'test/people/races.story.test.ts',
  'test/people/sessions.story.test.ts',
  'test/recipe-texts.story.test.ts',
  'test/recipes.story.test.ts',
  'test/system/diagnostics.story.test.ts',
  'test/system/system.story.test.ts',
  'test/vault/swapped.story.test.ts',
  'test/vault/write-only.story.test.ts',
  'test/cli.story.test.ts',
  'test/cli-server.story.test.ts',
  'test/connectors.story.test.ts',
  'test/fetches.story.test.ts',
  'test/upstream.story.test.ts',
  'test/unchanged-context.story.test.ts',
  'test/model.story.test.ts',
  'test/loaded-modules.test.ts',
  'test/run-log.story.test.ts',
  'test/metrics.story.test.ts',
  'test/incremental-series.story.test.ts',
  'test/faults/disks/full-database.story.test.ts',
  'test/faults/disks/full-output.story.test.ts',
  'test/faults/hosts/hosts.story.test.ts',
  'test/faults/every-statement.story.test.ts',
  'test/faults/leases.story.test.ts',
  'test/faults/deaths/in-process.story.test.ts',
  'test/faults/deaths/kill-nine.story.test.ts',
  'test/faults/histories/histories.story.test.ts',
  'test/faults/histories/more-histories.story.test.ts',
  'test/access/route-permissions.story.test.ts',
  'test/access/audit.story.test.ts',
  'test/access/fail-closed.story.test.ts',
  'test/people/people-api.story.test.ts',
  'test/people/second-factor.story.test.ts',
  'test/people/users-cli.story.test.ts',
  'test/people/sign-in.story.test.ts',
  'test/redaction/log-injection.story.test.ts',
  'test/redaction/redaction.story.test.ts',
  'test/redaction/tokens.story.test.ts',
  'test/vault/keys-cli.story.test.ts',
  'test/vault/rotation.story.test.ts',
  'test/http/browser.story.test.ts',
  'test/http/errors.story.test.ts',
  'test/http/fields.story.test.ts',
  'test/http/fuzz.story.test.ts',
  'test/http/headers.story.test.ts',
  'test/http/injection.story.test.ts',
  'test/http/limits.story.test.ts',
  'test/http/mass-assignment.story.test.ts',
  'test/http/origins.story.test.ts',
  'test/http/raw.story.test.ts',
  'test/cli-remote.story.test.ts',
  'test/queue/worker-cli.story.test.ts',
  'test/status.story.test.ts',
  'test/echoed-secrets.story.test.ts',
  'test/faults/in-doubt/in-doubt.story.test.ts',
  'test/faults/no-removal/no-removal.story.test.ts',
  'test/faults/proxy/proxy.story.test.ts',
  'test/faults/restarts/restarts.story.test.ts',
  'test/faults/silence/silence.story.test.ts',
  'test/adopt/adopt-million.story.test.ts',
  'test/adopt/adopt-kill.story.test.ts',
  'test/faults/ended-connections.story.test.ts',
  'test/faults/lost-connections.story.test.ts',
  'test/faults/poison-rows.story.test.ts',
  'test/faults/stops/stops.story.test.ts',
  'test/functions.story.test.ts',
  'test/many-sources.story.test.ts',
  'test/queue/worker.story.test.ts',
  'test/regressions-fetch.story.test.ts',
  'test/schedule.story.test.ts',
  'test/tokens.story.test.ts',
  'test/webhooks.story.test.ts',
  'src/db/migrate/killed-migration.test.ts',
  'src/records/payloads/payloads.test.ts',
  'src/records/runs/finish-run.test.ts',
  'src/records/upstream/breaker.test.ts',
  'src/sync/configs/bind-source.test.ts',
  'src/sync/save-formatted.test.ts',
  'test/adopt/adopt-identity.story.test.ts',
  'test/adopt/adopt-old-writers.story.test.ts',
  'test/approve.story.test.ts',
  'test/deno.story.test.ts',
  'test/faults/writers.story.test.ts',
  'test/foreign-deletes.story.test.ts',
  'test/foreign-updates.story.test.ts',
  'test/gates.story.test.ts',
  'test/guard.story.test.ts',
  'test/incremental.story.test.ts',
  'test/last-seen.story.test.ts',
  'test/push.story.test.ts',
  'test/saves.story.test.ts',
  'test/unchanged.story.test.ts',
]);

/** Test files that reach test/support/database.ts by their imports: those that can differ between servers. */
function databaseTests(): string[] {
  const sources = readSources(root, ['src', 'test', 'scripts']);
  const touching = [...sources.keys()].filter(
    (path) =>
      path.endsWith('.test.ts') &&
      // Browsers ask the API, whose stories run on 15.
      !path.startsWith('test/web/') &&
      !onNewestOnly.has(path) &&
      reaches(sources, path, new Set()),
  );
  return touching.length > 0 ? touching : ['no test touches the database'];
}

function reaches(sources: Sources, path: string, seen: Set<string>): boolean {
  if (path === 'test/support/database.ts') return true;
  if (seen.has(path)) return false;
  seen.add(path);
  return importsOf(sources.get(path) ?? '').some(({ from }) => {
    const target = resolveImport(path, from);
    return target !== null && reaches(sources, target, seen);
  });
}

function run(
  [command = '', ...rest]: readonly string[],
  { quiet = false, major = '18' },
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(bin, command), rest, {
      cwd: root,
      env: { ...environment, TILLSYNC_TEST_PG: major },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    const pieces: Buffer[] = [];
    child.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
    child.stderr?.on('data', (piece: Buffer) => pieces.push(piece));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(pieces).toString() }));
  });
}

await main();
