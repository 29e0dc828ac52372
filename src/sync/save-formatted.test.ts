// Which source a save may name: the one of its config, however its id is written.
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { addQuConfig, openEngine } from '../../test/support/engine.ts';
import { saveFormatted } from './save-formatted.ts';

it('a save may name its source and the legacy id of its config, in upper case too, and no other', async () => {
  const deps = await openEngine();
  const { configId, sourceId } = await addQuConfig(deps, 'http://127.0.0.1:9');
  const legacyId = 'abcdef01-2345-4678-9abc-def012345678';
  await deps.database.query('update integration_source_configs set legacy_source_id = $1', [legacyId]);
  const save = (named: string) =>
    saveFormatted(deps, { configId, sourceId: named, formattedData: { products: [{ id: 'a' }] }, requestedBy: 'test' });
  for (const named of [sourceId, sourceId.toUpperCase(), legacyId, legacyId.toUpperCase()]) {
    expect((await save(named)).run).toMatchObject({ status: 'success', source_id: sourceId });
  }
  await expect(save(randomUUID())).rejects.toMatchObject({ code: 'source_mismatch', status: 409 });
});
