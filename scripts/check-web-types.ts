// Checks the types of src/web with a browser's own types; what it imports of the server is checked with Node's, by tsconfig.json.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const tsc = join(root, 'node_modules', '.bin', 'tsc');
const { stdout, stderr } = spawnSync(tsc, ['-p', 'src/web/tsconfig.json', '--pretty', 'false'], {
  cwd: root,
  encoding: 'utf8',
});
// A browser's CryptoKey and Node's differ in words that no page uses, so errors in the server's own files say nothing here.
// Lines that begin with a space belong to the error above them.
let isOurs = false;
const ours = stdout.split('\n').filter((line) => {
  if (/^\S+\(\d+,\d+\): error/.test(line)) isOurs = line.startsWith('src/web/');
  else if (!line.startsWith(' ')) isOurs = line.startsWith('error');
  return isOurs && line !== '';
});
process.stderr.write(
  [...ours, stderr]
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join(''),
);
process.exitCode = ours.length === 0 && stderr === '' ? 0 : 1;
