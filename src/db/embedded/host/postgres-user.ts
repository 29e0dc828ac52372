// Which operating-system user runs PostgreSQL: ourselves, or, since it refuses to run as root, postgres or nobody.
import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { embeddedError } from '../embedded-error.ts';

export interface PostgresUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Whether we are root and give up our rights for PostgreSQL. */
  readonly dropped: boolean;
}

/** The user that PostgreSQL runs as. Throws embedded_user_unknown where initdb could not run. */
export function postgresUser(): PostgresUser {
  const uid = process.getuid?.() ?? -1;
  if (uid !== 0) {
    try {
      const { username, gid } = userInfo();
      return { name: username, uid, gid, dropped: false };
    } catch (cause) {
      throw embeddedError(
        'embedded_user_unknown',
        `The user id ${uid} has no entry in /etc/passwd, and PostgreSQL does not run without one.`,
        {
          hint: 'Add the user to /etc/passwd, run as another user, or set DATABASE_URL to a PostgreSQL 15 or later.',
          cause,
        },
      );
    }
  }
  const entries = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , userId, groupId] = entries.find((entry) => entry.startsWith(`${name}:`))?.split(':') ?? [];
    if (userId !== undefined) return { name, uid: Number(userId), gid: Number(groupId), dropped: true };
  }
  throw embeddedError(
    'embedded_user_unknown',
    'PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody to run it as.',
    { hint: 'Run tillsync as another user, or set DATABASE_URL to a PostgreSQL 15 or later.' },
  );
}

/** The part of the options of `spawn` that makes a child run as `user`, away from any folder it cannot enter. */
export function runAs(user: PostgresUser): { cwd: '/'; env: NodeJS.ProcessEnv; uid?: number; gid?: number } {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C', HOME: '/' };
  return { cwd: '/', env, ...(user.dropped ? { uid: user.uid, gid: user.gid } : {}) };
}

/** Gives a file or folder to `user` where that is not ourselves. */
export function giveTo(user: PostgresUser, path: string): void {
  if (user.dropped) chownSync(path, user.uid, user.gid);
}

/** Whether `user` can enter this folder, asked from the system itself (modes, groups, ACLs and mounts all count). */
export function canEnter(user: PostgresUser, folder: string): boolean {
  if (!user.dropped) return true;
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { ...runAs(user), stdio: 'ignore' }).status === 0;
}

/** Whether `user` can run this program. */
export function canRun(user: PostgresUser, program: string): boolean {
  return spawnSync(program, ['--version'], { ...runAs(user), stdio: 'ignore' }).status === 0;
}
