// Every verb of the command with its line in the help, in the order in which a newcomer needs them.
import type { Verb } from './verb.ts';

export interface VerbEntry {
  summary: string;
  load(): Promise<Verb>;
}

/** Verb → its line and its file; only the files of verbs that are called are read. */
export const verbTable: Readonly<Record<string, VerbEntry>> = {
  demo: {
    summary: 'Show the whole life of a sync with a pretend POS, on the embedded PostgreSQL',
    load: async () => (await import('./verbs/server/demo.ts')).demoVerb,
  },
  start: {
    summary: 'Start the HTTP server and a worker',
    load: async () => (await import('./verbs/server/start.ts')).startVerb,
  },
  worker: {
    summary: 'Start a worker that takes syncs from the queue; any number of them, on any machine',
    load: async () => (await import('./verbs/server/worker.ts')).workerVerb,
  },
  stop: {
    summary: 'Stop an embedded PostgreSQL that was left running',
    load: async () => (await import('./verbs/server/stop.ts')).stopVerb,
  },
  migrate: {
    summary: 'Bring the database to this version, and adopt tables of the original',
    load: async () => (await import('./verbs/database/migrate.ts')).migrateVerb,
  },
  verify: {
    summary: 'Check every key a sync relies on, and say the exact SQL of a repair',
    load: async () => (await import('./verbs/database/verify.ts')).verifyVerb,
  },
  configs: {
    summary: 'Add, change, explain, try and remove POS settings',
    load: async () => (await import('./verbs/catalog/configs.ts')).configsVerb,
  },
  connectors: {
    summary: 'Which kinds of POS there are, and test a connection step by step',
    load: async () => (await import('./verbs/catalog/connectors.ts')).connectorsVerb,
  },
  concepts: {
    summary: 'Concepts: the highest level that configs apply to',
    load: async () => (await import('./verbs/catalog/hierarchy.ts')).conceptsVerb,
  },
  companies: {
    summary: 'Companies of a concept',
    load: async () => (await import('./verbs/catalog/hierarchy.ts')).companiesVerb,
  },
  sites: {
    summary: 'Sites: the restaurants of a company',
    load: async () => (await import('./verbs/catalog/hierarchy.ts')).sitesVerb,
  },
  sources: {
    summary: 'List, split, assign, retire and delete catalogs',
    load: async () => (await import('./verbs/catalog/sources.ts')).sourcesVerb,
  },
  sync: {
    summary: 'Sync one config now, or all of a concept or company',
    load: async () => (await import('./verbs/runs/sync.ts')).syncVerb,
  },
  save: {
    summary: 'Save a file of formatted items',
    load: async () => (await import('./verbs/runs/save.ts')).saveVerb,
  },
  import: {
    summary: 'Import a catalog from a CSV, NDJSON, JSON or XLSX file',
    load: async () => (await import('./verbs/runs/import.ts')).importVerb,
  },
  runs: {
    summary: 'Sync History: list, show, logs, approve and discard runs',
    load: async () => (await import('./verbs/runs/runs.ts')).runsVerb,
  },
  diff: {
    summary: 'What a run changed, or would change, field by field',
    load: async () => (await import('./verbs/runs/diff.ts')).diffVerb,
  },
  rejects: {
    summary: 'What could not be saved, by reason: wrong now, or gone',
    load: async () => (await import('./verbs/runs/rejects.ts')).rejectsVerb,
  },
  items: {
    summary: 'Look at products, modifiers and discounts, and their history',
    load: async () => (await import('./verbs/catalog/items.ts')).itemsVerb,
  },
  keys: {
    summary: 'Make, list, renew and end API keys',
    load: async () => (await import('./verbs/keys/keys.ts')).keysVerb,
  },
  users: {
    summary: 'Who may sign in, and as what: add, invite, give roles, disable, remove',
    load: async () => (await import('./verbs/people/users.ts')).usersVerb,
  },
  audit: {
    summary: 'Who did what, when and from where',
    load: async () => (await import('./verbs/audit/audit.ts')).auditVerb,
  },
  upkeep: {
    summary: 'Delete runs, logs and stored answers that are no longer kept',
    load: async () => (await import('./verbs/server/upkeep.ts')).upkeepVerb,
  },
  diagnose: {
    summary: 'Write a diagnostic bundle, without secrets, for whoever helps',
    load: async () => (await import('./verbs/server/diagnose.ts')).diagnoseVerb,
  },
  vault: {
    summary: 'The keys that encrypt stored secrets: what each opens, rotate and retire them',
    load: async () => (await import('./verbs/server/vault.ts')).vaultVerb,
  },
  hooks: {
    summary: 'Endpoints where a POS sends its webhooks',
    load: async () => (await import('./verbs/server/hooks.ts')).hooksVerb,
  },
  backup: {
    summary: 'Write a backup, or restore one',
    load: async () => (await import('./verbs/database/backup.ts')).backupVerb,
  },
  sql: {
    summary: 'Run one SQL statement, or open a prompt',
    load: async () => (await import('./verbs/database/sql.ts')).sqlVerb,
  },
};
