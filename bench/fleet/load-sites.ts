// Fills a database with sites: some by real first syncs, the rest as copies of their rows made inside the database.
import { kinds } from '../../src/catalog/item.ts';
import { makeCatalog } from '../catalog.ts';
import type { Session } from '../contender.ts';
import type { BenchDatabase } from '../server/open-cluster.ts';

export interface Sites {
  /** Sites in the database when it is loaded. */
  total: number;
  /** Per session, how many of them are first synced by it, spread evenly over the load. */
  real: number;
}

/** Rows of one site. */
export const siteRows = 1120;

// 224,000 rows: seconds of work per statement, so that the log moves.
const sitesPerStatement = 200;

/** Loads and vacuums; returns for each session the sources that it synced itself. */
export async function loadSites(
  database: BenchDatabase,
  sessions: readonly Session[],
  of: Sites & { log: (line: string) => void },
): Promise<string[][]> {
  const own: string[][] = sessions.map(() => []);
  const model = makeCatalog(siteRows);
  let made = 0;
  for (let turn = 0; turn < of.real; turn++) {
    for (const [index, session] of sessions.entries()) {
      const sourceId = await session.begin();
      await session.prepare?.({ sourceId, items: model });
      await session.save({ sourceId, items: model });
      own[index]?.push(sourceId);
      made += 1;
    }
    const until = Math.round((of.total * (turn + 1)) / of.real);
    while (made < until) {
      const sites = Math.min(sitesPerStatement, until - made);
      await copySites(database, own[0]?.[0] ?? '', sites);
      made += sites;
      of.log(`${made} of ${of.total} sites loaded`);
    }
  }
  // On a connection of its own: it may take longer than a query may.
  await database.admin.withConnection((connection) => connection.query('vacuum (analyze)'));
  return own;
}

/** New sites with the rows of `from`; every column but the ids is the same. */
async function copySites({ admin }: BenchDatabase, from: string, sites: number): Promise<void> {
  await admin.transaction(
    async (connection) => {
      const { rows } = await connection.query<{ id: string }>(
        'select tillsync_new_id() as id from generate_series(1, $1)',
        [sites],
      );
      for (const kind of kinds) {
        const table = `integration_${kind}`;
        const columns = await contentOf(connection, table);
        await connection.query(
          `insert into ${table} (wand_source_id, source_id, ${columns})
           select s.id, s.id, ${columns} from unnest($1::uuid[]) s(id)
            cross join lateral (select * from ${table} t where t.wand_source_id = $2 offset 0) rows_of_one`,
          [rows.map(({ id }) => id), from],
        );
      }
    },
    { ownWrites: true },
  );
}

async function contentOf(connection: Pick<BenchDatabase['admin'], 'query'>, table: string) {
  const { rows } = await connection.query<{ columns: string }>(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped
        and attname not in ('id', 'wand_source_id', 'source_id')`,
    [table],
  );
  return rows[0]?.columns ?? '';
}
