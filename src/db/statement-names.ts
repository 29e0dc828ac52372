// Names for the texts of statements: PostgreSQL reads a text with a name once on each connection, and plans it a few times.
import type pg from 'pg';

/** Texts of a pool with a name. Past it, a text is read anew each time: lists are asked for in very many ways. */
const most = 300;
/** Entries of a parameter above which a statement is planned for its numbers each time: those are rows to save. */
const manyEntries = 100;

const direct = new WeakSet<object>();

/**
 * Tells that `backend`, the process that the server itself names, is or is not the one that this connection was given at its
 * start. Where it is not, a pooler stands between, which may lend other sessions: there a name would be unknown, or another's.
 */
export function proveDirect(client: pg.ClientBase, backend: number): void {
  if ((client as unknown as { processID: number | null }).processID === backend) direct.add(client);
}

/** The names that one pool gives. */
export interface StatementNames {
  /** The query for a text, with its name where it may have one on this connection. Without parameters it may be several. */
  queryFor(client: pg.ClientBase, text: string, parameters: readonly unknown[] | undefined): pg.QueryConfig;
  /** All texts get new names: each connection that knows an outdated one would refuse it from now on. */
  forget(): void;
}

/** Opens the names of a new pool: s1, s2, … in the order in which its texts are first sent. */
export function openNames(): StatementNames {
  const names = new Map<string, string>();
  let given = 0;

  function nameOf(text: string): string | undefined {
    const known = names.get(text);
    if (known !== undefined || names.size >= most) return known;
    given += 1;
    const name = `s${given}`;
    names.set(text, name);
    return name;
  }

  return {
    queryFor(client, text, parameters) {
      if (parameters === undefined) return { text };
      const values = [...parameters];
      const isRows = values.some((value) => Array.isArray(value) && value.length > manyEntries);
      const name = isRows || !direct.has(client) ? undefined : nameOf(text);
      return name === undefined ? { text, values } : { name, text, values };
    },
    forget: () => names.clear(),
  };
}

/** Whether a statement with a name was refused because what it reads has other columns now. Nothing was done then. */
export function isOutdated(error: unknown): boolean {
  const { code, routine } = error as { code?: unknown; routine?: unknown };
  return code === '0A000' && routine === 'RevalidateCachedQuery';
}
