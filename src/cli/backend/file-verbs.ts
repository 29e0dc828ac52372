// The import of a file, on the database that this process opened and through a server: the same calls, the same answers.
import type { App } from '../../app.ts';
import type { ApiClient } from '../../net/api-client.ts';
import type { Run } from '../../records/runs/run.ts';
import { askedHere, requestedBy } from '../with-app.ts';
import type { FileVerbs } from './backend.ts';
import { problemError } from './problem-error.ts';
import { answered, pathWith, post } from './remote-calls.ts';

/** The part of an opened app's backend that takes files. */
export function localFiles({ deps }: Pick<App, 'deps'>): FileVerbs {
  return {
    async addFileConfig(config) {
      const { addConfig } = await import('../../sync/set-config.ts');
      return (await addConfig(askedHere({ deps }), { ...config, secrets: {} })).id;
    },
    async rememberColumns(configId, of) {
      const { rememberPreview } = await import('../../sync/requests/prepare-import.ts');
      await rememberPreview(askedHere({ deps }), { id: configId }, of);
    },
    async importFile(file, { signal, onProgress }) {
      const { importFile } = await import('../../sync/requests/import-file.ts');
      return await importFile(deps, { ...file, requestedBy: requestedBy(), signal, onProgress });
    },
  };
}

/** The part of a server's backend that takes files. What becomes of an upload is told at its end: there is no progress to show. */
export function remoteFiles(client: ApiClient): FileVerbs {
  return {
    async addFileConfig({ connectorId, name, params }) {
      const config = { connector_id: connectorId, name, params };
      return (await post<{ id: string }>(client, '/configs', config)).id;
    },
    async rememberColumns(configId, of) {
      const { isRemembered } = await import('../../sync/requests/prepare-import.ts');
      if (isRemembered(of)) return;
      const change = { body: { params: of.preview.params }, ifMatch: '*' };
      await answered(client, { method: 'PATCH', path: `/api/v1/configs/${configId}`, ...change });
    },
    async importFile({ configId, body, fileName, mode, dryRun }, { signal }) {
      const name = fileName.replace(/[\p{Cc}/\\]/gu, '_').slice(0, 255);
      const query = { mode, dry_run: String(dryRun), file_name: name };
      const path = `/api/v1${pathWith(`/configs/${configId}/import`, query)}`;
      const answer = await client.upload({ path, file: body, signal });
      if (answer.status < 400 && answer.body !== null) return answer.body as unknown as Run;
      throw problemError(answer.status, answer.body);
    },
  };
}
