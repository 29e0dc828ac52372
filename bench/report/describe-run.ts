// What the figures were measured on: machine, versions, settings.
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../server/open-cluster.ts';

export interface RunDescription {
  machine: { cpu: string; cores: number; memoryGb: number };
  versions: Record<string, string>;
  /** Settings of the server, as it says them. */
  settings: Record<string, string>;
}

const packages = ['pg', 'pg-copy-streams', 'kysely', 'drizzle-orm'];

export function describeRun(cluster: Cluster): RunDescription {
  const versions: Record<string, string> = { PostgreSQL: cluster.version, node: process.versions.node };
  for (const name of packages) versions[name] = packageVersion(name);
  return {
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 1024 ** 3),
    },
    versions,
    settings: cluster.settings,
  };
}

function packageVersion(name: string): string {
  const file = join(import.meta.dirname, '..', '..', 'node_modules', name, 'package.json');
  return String((JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version);
}

/** Three lines. */
export function describeText({ machine, versions, settings }: RunDescription): string {
  const list = (of: Record<string, string>) =>
    Object.entries(of)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  return `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB\n${list(versions)}\n${list(settings)}`;
}
