// The role and the database that tillsync logs in to: no superuser, owner of its own database only.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { systemCode } from './embedded-error.ts';
import { superuser } from './init-cluster.ts';
import { type Postmaster, socketUrl } from './postmaster.ts';

/** The non-superuser role, and the name of its database. */
export const role = 'tillsync';

/** Makes role and database where they are missing. With `password` the role may log in over TCP. Repeatable. */
export async function prepareRoles(server: Postmaster, password: string | null): Promise<void> {
  const client = new pg.Client({ connectionString: socketUrl(server, superuser, 'postgres') });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ has_role: boolean; has_database: boolean }>(
      `select exists (select from pg_roles where rolname = $1) as has_role,
              exists (select from pg_database where datname = $1) as has_database`,
      [role],
    );
    if (!rows[0]?.has_role) {
      await client.query(`create role ${role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls`);
    }
    // tillsync may not make roles, so these are made for it; what each may do is in the migrations (row level security).
    await client.query(`do $$ declare wanted text; begin
      foreach wanted in array array['tillsync_app', 'tillsync_worker', 'tillsync_reader'] loop
        if to_regrole(wanted) is null then execute format('create role %I nologin', wanted); end if;
        if wanted <> 'tillsync_reader' and not pg_has_role('${role}', wanted, 'member') then
          execute format('grant %I to ${role}', wanted);
        end if;
      end loop; end $$`);
    if (!rows[0]?.has_database) await client.query(`create database ${role} owner ${role}`);
    if (password !== null) await client.query(`alter role ${role} password ${client.escapeLiteral(password)}`);
  } finally {
    await client.end();
  }
}

/** The password for other programs (start --pg-port), in a file of mode 0600 in the data folder; made when absent. */
export function portPassword(dataDir: string): string {
  const file = join(dataDir, 'pg-port.password');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}
