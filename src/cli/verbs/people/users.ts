// tillsync users: who may sign in, and as what. Nobody's password passes here: people choose it by a link.
import type { Command } from 'commander';
import type { Actor } from '../../../access/people/people-deps.ts';
import type { App } from '../../../app.ts';
import { inputError } from '../../../errors.ts';
import type { UserEntry } from '../../../records/people/read-users.ts';
import type { RoleAt } from '../../../records/people/user-roles.ts';
import { time } from '../../print/quantities.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';
import { role, rolesText } from './role-option.ts';
import { tellLink, urlOption } from './tell-link.ts';

const columns = ['e-mail', 'name', 'roles', 'password', 'second factor', 'last sign-in'].map((title) => ({ title }));
const ada = 'ada@example.com';
const roleHelp = 'viewer, operator or admin; of one place e.g. operator:site:4 (repeatable)';

export const usersVerb: Verb = {
  define(command) {
    command.addHelpText('after', examples('tillsync users add ada@example.com --name "Ada L." --role admin'));
    defineList(command);
    defineAdd(command);
    defineRoles(command);
    defineSwitch(command, 'disable', 'Take the right to sign in; all sessions of the user end at once');
    defineSwitch(command, 'enable', 'Give the right to sign in back');
    defineRemove(command);
    defineLinks(command);
  },
};

/** Who works on the machine itself. */
function localAdmin(): Actor {
  return { who: requestedBy(), id: null, address: null, requestId: null };
}

function defineList(command: Command): void {
  command
    .command('list')
    .description('All users, with their roles')
    .addHelpText('after', examples('tillsync users list', 'tillsync users list --json'))
    .action((_options: object, self: Command) =>
      withApp(self, async (app) => {
        const { listUsers } = await import('../../../records/people/read-users.ts');
        const data: UserEntry[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await listUsers(app.database, { limit: 1000, cursor });
          data.push(...page.data);
          if (page.next === null) break;
          cursor = page.next;
        }
        if (optionsOf(self).json) writeJson({ data, next: null });
        else
          writeOut(
            table(columns, data.map(rowOf), 'No users. `tillsync users first-admin` makes a link for the first.'),
          );
        return 0;
      }),
    );
}

function defineAdd(command: Command): void {
  urlOption(
    command
      .command('add <email>')
      .description('Add a user; prints the link with which they choose their password')
      .requiredOption('--name <name>', 'as they are called')
      .option('--role <role>', roleHelp, role),
  )
    .addHelpText('after', examples(`tillsync users add ${ada} --name "Ada L." --role operator:site:4`))
    .action((email: string, _options: object, self: Command) =>
      withApp(self, async (app) => {
        const { addUser } = await import('../../../access/people/accounts/change-users.ts');
        const { name, role: roles = [], json } = optionsOf<{ name: string; role?: RoleAt[] }>(self);
        const { user, link } = await addUser(app.deps, { actor: localAdmin(), email, name, roles });
        tellLink(self, app, { link, user, words: json ? '' : `Added ${user.email}: ${rolesText(user.roles)}.` });
        return 0;
      }),
    );
}

function defineRoles(command: Command): void {
  command
    .command('roles <user>')
    .description('Give a user, by e-mail or id, exactly these roles; they count with the next request')
    .option('--role <role>', roleHelp, role)
    .option('--none', 'take all roles')
    .addHelpText('after', examples(`tillsync users roles ${ada} --role viewer --role operator:site:4`))
    .action((user: string, _options: object, self: Command) =>
      withApp(self, async (app) => {
        const { setRoles } = await import('../../../access/people/accounts/change-users.ts');
        const { role: roles = [], none = false } = optionsOf<{ role?: RoleAt[]; none?: boolean }>(self);
        if ((roles.length === 0) !== none) {
          throw inputError(
            'roles_missing',
            'Say which roles the user shall have.',
            'Give --role, or --none to take all.',
          );
        }
        const changed = await setRoles(app.deps, { actor: localAdmin(), userId: await idOf(app, user), roles });
        tellUser(self, changed, `${changed.email} is now: ${rolesText(changed.roles)}.`);
        return 0;
      }),
    );
}

function defineSwitch(command: Command, verb: 'disable' | 'enable', description: string): void {
  command
    .command(`${verb} <user>`)
    .description(description)
    .addHelpText('after', examples(`tillsync users ${verb} ${ada}`))
    .action((user: string, _options: object, self: Command) =>
      withApp(self, async (app) => {
        const { setUserDisabled } = await import('../../../access/people/accounts/change-users.ts');
        const asked = { actor: localAdmin(), userId: await idOf(app, user) };
        const changed = await setUserDisabled(app.deps, { ...asked, disabled: verb === 'disable' });
        tellUser(self, changed, `${changed.email} is ${verb}d.`);
        return 0;
      }),
    );
}

function defineRemove(command: Command): void {
  command
    .command('remove <user>')
    .description('Delete a user; history and audit log keep the e-mail')
    .addHelpText('after', examples(`tillsync users remove ${ada}`))
    .action((user: string, _options: object, self: Command) =>
      withApp(self, async (app) => {
        const { removeUser } = await import('../../../access/people/accounts/change-users.ts');
        const removed = await removeUser(app.deps, { actor: localAdmin(), userId: await idOf(app, user) });
        tellUser(self, removed, `Removed ${removed.email}.`);
        return 0;
      }),
    );
}

function defineLinks(command: Command): void {
  defineLink(command.command('invite <user>').description('Make a new invitation, when the first was lost'));
  defineLink(
    command
      .command('reset-password <user>')
      .description('Make a link for a new password')
      .option('--second-factor', 'also take the second factor away, for who lost the app and all recovery codes'),
  );
  urlOption(command.command('first-admin').description('Make the link for the first admin, while there is none'))
    .addHelpText('after', examples('tillsync users first-admin'))
    .action((_options: object, self: Command) =>
      withApp(self, async (app) => {
        const { makeFirstAdminLink } = await import('../../../access/people/links/make-link.ts');
        const link = await makeFirstAdminLink(app.deps, localAdmin());
        if (link === null) throw adminExists();
        tellLink(self, app, { link, words: 'The first admin comes in by this link:' });
        return 0;
      }),
    );
}

function defineLink(command: Command): void {
  urlOption(command)
    .addHelpText('after', examples(`tillsync users ${command.name()} ${ada}`))
    .action((user: string, _options: object, self: Command) =>
      withApp(self, async (app) => {
        const { makeUserLink } = await import('../../../access/people/links/make-link.ts');
        const asked = { actor: localAdmin(), userId: await idOf(app, user) };
        if (optionsOf<{ secondFactor?: boolean }>(self).secondFactor === true) {
          const { takeFactorAway } = await import('../../../access/people/second-factor/enrol-factor.ts');
          await takeFactorAway(app.deps, asked);
        }
        const link = await makeUserLink(app.deps, asked);
        tellLink(self, app, { link, words: `${user} chooses a password by this link:` });
        return 0;
      }),
    );
}

async function idOf(app: App, user: string): Promise<string> {
  const { readUser } = await import('../../../records/people/read-users.ts');
  const found = await readUser(app.database, user);
  if (found !== null) return found.id;
  const { userUnknown } = await import('../../../access/people/people-errors.ts');
  throw userUnknown();
}

function tellUser(self: Command, user: UserEntry, words: string): void {
  if (optionsOf(self).json) writeJson(user);
  else writeOut(`${words}\n`);
}

function rowOf(user: UserEntry): string[] {
  const password = user.disabled ? 'disabled' : user.has_password ? 'set' : 'not yet';
  const factor = user.has_second_factor ? 'yes' : 'no';
  return [user.email, user.name, rolesText(user.roles), password, factor, time(user.last_sign_in_at)];
}

function adminExists(): Error {
  return inputError(
    'admin_exists',
    'There is an admin who can sign in.',
    'Let them add you, or make them a link: `tillsync users reset-password <e-mail>`.',
  );
}
