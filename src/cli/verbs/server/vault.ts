// tillsync vault: which key opens which stored secrets; a new key, and an old one that goes.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { shortened } from '../../print/printable.ts';
import { count, counted } from '../../print/quantities.ts';
import { fields, table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';

const steps = '\nHow to rotate step by step: docs/how-to/rotate-the-encryption-key.md\n';

export const vaultVerb: Verb = {
  define(command) {
    command.addHelpText('after', `${steps}${examples('tillsync vault status', 'tillsync vault rotate')}`);
    command
      .command('status')
      .description('The keys, how many secrets each opens, and keys that are missing')
      .addHelpText('after', examples('tillsync vault status --json'))
      .action((_options: object, self: Command) => withApp(self, (app) => status(app, self)));
    command
      .command('rotate')
      .description('Encrypt every secret anew with the active key; with a key file, make that key first')
      .addHelpText('after', examples('tillsync vault rotate'))
      .action((_options: object, self: Command) =>
        withApp(self, (app, signal) => rotate(app, self, signal), { stopsItself: true }),
      );
    command
      .command('retire <key-id>')
      .description('Let an old key go; refused while a secret needs it')
      .addHelpText('after', examples('tillsync vault retire 3f2a90c1'))
      .action((keyId: string, _options: object, self: Command) => withApp(self, (app) => retire(app, keyId, self)));
  },
};

async function status(app: App, self: Command): Promise<number> {
  const { vaultStatus } = await import('../../../sync/vault/vault-status.ts');
  const found = await vaultStatus(app.deps);
  const isWhole = found.missing_keys.length === 0 && found.damaged === 0;
  if (optionsOf(self).json) {
    writeJson(found);
    return isWhole ? 0 : 1;
  }
  writeOut(
    fields([
      ['active key', found.active_key],
      ['other keys', found.known_keys.filter((id) => id !== found.active_key).join(', ') || 'none'],
      ['can be retired', found.idle_keys.join(', ') || 'none'],
    ]),
  );
  writeOut(
    table(
      [{ title: 'PLACE' }, { title: 'KEY' }, { title: 'SECRETS', align: 'right' }],
      found.secrets.map(({ place, key_id, secrets }) => [
        place.replaceAll('_', ' '),
        key_id ?? 'none: damaged',
        count(secrets),
      ]),
      'No secrets are stored.',
    ),
  );
  for (const { key_id, secrets, configs } of found.missing_keys) {
    const of = configs.length === 0 ? '' : `, of ${configs.map((name) => `“${shortened(name, 60)}”`).join(', ')}`;
    writeTalk(`The key ${key_id} is missing: ${counted(secrets, 'secret')}${of} cannot be read.\n`);
  }
  return isWhole ? 0 : 1;
}

async function rotate(app: App, self: Command, signal: AbortSignal): Promise<number> {
  const { rotateKeys } = await import('../../../sync/vault/rotate-keys.ts');
  const report = await rotateKeys(app.deps, { keyFile: app.keyFile, requestedBy: requestedBy(), signal });
  const isDone = report.unreadable.length === 0 && report.left === 0 && !signal.aborted;
  if (optionsOf(self).json) writeJson(report);
  else {
    const made = report.made_key ? 'Made the key' : 'The active key is';
    writeOut(`${made} ${report.active_key}; ${counted(report.moved, 'secret')} encrypted anew with it.\n`);
  }
  for (const { place, owner, field, reason } of report.unreadable.slice(0, 20)) {
    writeTalk(
      `Cannot be read and stays as it is: ${shortened(field, 60)} of ${owner} (${place.replaceAll('_', ' ')}, ${reason}).\n`,
    );
  }
  if (report.unreadable.length > 20) writeTalk(`… and ${count(report.unreadable.length - 20)} more.\n`);
  if (report.left > 0 || signal.aborted) writeTalk('Not all is done yet: begin it again, it goes on where it was.\n');
  return isDone ? 0 : 1;
}

async function retire(app: App, keyId: string, self: Command): Promise<number> {
  const { retireKey } = await import('../../../sync/vault/retire-key.ts');
  const retired = await retireKey(app.deps, { keyId, keyFile: app.keyFile, requestedBy: requestedBy() });
  if (optionsOf(self).json) writeJson(retired);
  else writeOut(`Nothing needs the key ${keyId} any more.\n`);
  writeTalk(
    retired.removed
      ? 'It is out of the key file. Backups of before still need it: keep a copy with them.\n'
      : 'Take it out of TILLSYNC_ENCRYPTION_KEY_PREVIOUS. Backups of before still need it: keep a copy with them.\n',
  );
  return 0;
}
