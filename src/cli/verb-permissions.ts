// What each verb asks of its caller where it goes through a server; on the machine itself the operating system decides.
import type { Command } from 'commander';
import type { Permission } from '../access/permission.ts';

/** 'local': works on the machine itself only, for whoever may read its files or knows its database. */
export type VerbPermission = Permission | 'local';

/** Every verb with its words, as `tillsync` says them. */
export const verbPermissions: Readonly<Record<string, VerbPermission>> = {
  demo: 'local',
  start: 'local',
  worker: 'local',
  stop: 'local',
  migrate: 'local',
  verify: 'local',
  'configs add': 'local',
  'configs set': 'local',
  'configs pause': 'local',
  'configs resume': 'local',
  'configs list': 'read',
  'configs show': 'read',
  'configs explain': 'read',
  'configs what-if': 'read',
  'configs remove': 'admin',
  'connectors try': 'local',
  'connectors add': 'local',
  'connectors recipes': 'local',
  'connectors remove': 'local',
  'connectors import': 'local',
  'connectors record': 'local',
  'connectors list': 'read',
  'connectors test': 'sync',
  'concepts list': 'read',
  'concepts set': 'admin',
  'concepts remove': 'admin',
  'concepts add': 'system',
  'companies list': 'read',
  'companies add': 'admin',
  'companies set': 'admin',
  'companies remove': 'admin',
  'sites import': 'local',
  'sites locate': 'local',
  'sites list': 'read',
  'sites add': 'admin',
  'sites set': 'admin',
  'sites remove': 'admin',
  'sources split': 'local',
  'sources assign': 'local',
  'sources list': 'read',
  'sources show': 'read',
  'sources retire': 'admin',
  'sources delete': 'admin',
  sync: 'sync',
  save: 'local',
  import: 'sync',
  'runs logs': 'local',
  'runs list': 'read',
  'runs show': 'read',
  'runs approve': 'sync',
  'runs discard': 'sync',
  'runs cancel': 'sync',
  'runs retry': 'sync',
  'runs replay': 'sync',
  diff: 'read',
  rejects: 'read',
  'items list': 'read',
  'items show': 'read',
  'items history': 'read',
  'items lint': 'read',
  'keys create': 'admin',
  'keys list': 'admin',
  'keys rotate': 'admin',
  'keys revoke': 'admin',
  'users list': 'local',
  'users add': 'local',
  'users roles': 'local',
  'users disable': 'local',
  'users enable': 'local',
  'users remove': 'local',
  'users invite': 'local',
  'users reset-password': 'local',
  'users first-admin': 'local',
  'audit list': 'admin',
  'audit export': 'admin',
  upkeep: 'local',
  diagnose: 'system',
  'hooks add': 'local',
  'hooks list': 'local',
  'hooks remove': 'local',
  backup: 'local',
  'vault status': 'local',
  'vault rotate': 'local',
  'vault retire': 'local',
  sql: 'local',
};

/** Throws an Error that names every verb below a command without a permission. */
export function refuseUndeclaredVerbs(command: Command): void {
  const undeclared = leavesOf(command, command.name()).filter((name) => !Object.hasOwn(verbPermissions, name));
  if (undeclared.length > 0) throw new Error(`these verbs declare no permission: ${undeclared.join(', ')}`);
}

/** The verbs at the ends of a command, e.g. ['configs list', 'configs add']. */
export function leavesOf(command: Command, name: string): string[] {
  if (command.commands.length === 0) return [name];
  return command.commands.flatMap((below) => leavesOf(below, `${name} ${below.name()}`));
}
