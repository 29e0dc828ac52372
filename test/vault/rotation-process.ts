// A process of its own that rotates, and is killed (-9) where its parent said: before a statement is sent, or right after.
import { openDatabase } from '../../src/db/database.ts';
import { openKeyFile } from '../../src/db/embedded/open-key-file.ts';
import { rotateKeys } from '../../src/sync/vault/rotate-keys.ts';
import { openVault } from '../../src/vault/open-vault.ts';

const [url = '', folder = ''] = process.argv.slice(2);

// Ready and waiting, so that the parent never waits for the start of a process.
process.once('message', ({ statement, isSent }: { statement: number; isSent: boolean }) => {
  void work(statement, isSent);
});

async function work(statement: number, isSent: boolean): Promise<void> {
  let seen = 0;
  const die = () => process.kill(process.pid, 'SIGKILL');
  const database = await openDatabase({
    url,
    max: 1,
    onStatement() {
      seen += 1;
      if (seen !== statement) return;
      if (isSent) setImmediate(die);
      else die();
    },
  });
  const keyFile = openKeyFile(folder);
  const vault = openVault(() => keyFile.read());
  await rotateKeys({ database, vault }, { keyFile, requestedBy: 'cli:killed', batch: 100 });
  await database.close();
  process.exit(0);
}
