// Writes schema.sql and the list of expected columns from an embedded PostgreSQL of its own; `npm run schema`.
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../src/db/database.ts';
import { startEmbedded } from '../src/db/embedded/start-embedded.ts';
import { deleteDataFolder } from '../src/db/embedded/stop-embedded.ts';
import { migrate } from '../src/db/migrate/migrate.ts';
import { describeColumns } from '../src/db/schema/describe-columns.ts';
import { formatSchema } from '../src/db/schema/format-schema.ts';
import { readSchema } from '../src/db/schema/read-schema.ts';

const root = join(import.meta.dirname, '..');
const dataDir = await mkdtemp(join(tmpdir(), 'tillsync-schema-'));
await chmod(dataDir, 0o711);
const embedded = await startEmbedded({ dataDir, durable: false });
try {
  const database = await openDatabase({ url: embedded.url, max: 3 });
  try {
    await migrate(database);
    const schema = await readSchema(database);
    await writeFile(join(root, 'schema.sql'), formatSchema(schema));
    const columns = `${JSON.stringify(describeColumns(schema), null, 2)}\n`;
    await writeFile(join(root, 'src/db/schema/expected-columns.json'), columns);
  } finally {
    await database.close();
  }
} finally {
  await embedded.stop();
  await deleteDataFolder(dataDir);
}
process.stdout.write('wrote schema.sql and src/db/schema/expected-columns.json\n');
