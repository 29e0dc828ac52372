// API keys: made and shown once, renewed with an overlap, ended at once.
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { CreatedKey, Key } from '../../api-types.ts';
import { PageHead } from '../../parts/page-parts.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { RowsState } from '../../parts/rows-state.tsx';
import { Secret } from '../../parts/secret.tsx';
import { When } from '../../parts/when.tsx';
import { useChange } from '../../queries/calls.ts';
import { usePages } from '../../queries/runs.ts';
import { useWords } from '../../words/words.ts';

export function KeysPage(): ReactNode {
  const { keysPage, pages, app } = useWords();
  const keys = usePages<Key>('/keys', { limit: 100 });
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <PageHead title={pages.keys} actions={<Button onClick={() => setAdding(true)}>{keysPage.add}</Button>}>
        {keysPage.intro}
      </PageHead>
      <Modal
        opened={isAdding}
        onClose={() => setAdding(false)}
        title={keysPage.add}
        closeButtonProps={{ 'aria-label': app.close }}
      >
        <AddKey onDone={() => setAdding(false)} />
      </Modal>
      <RowsState pages={keys} icon="key" none={keysPage.none}>
        {(rows) => <Rows keys={rows} />}
      </RowsState>
    </>
  );
}

function AddKey({ onDone }: { onDone(): void }): ReactNode {
  const { keysPage } = useWords();
  const add = useChange<CreatedKey>();
  const [name, setName] = useState('');
  const [access, setAccess] = useState<Key['access']>('read');
  if (add.data !== undefined) return <Secret text={add.data.key} help={keysPage.once} onDone={onDone} />;
  const save = () => add.mutate({ path: '/keys', method: 'POST', body: { name, access } });
  const send = (event: FormEvent) => {
    event.preventDefault();
    save();
  };
  return (
    <>
      <form className="form" onSubmit={send}>
        <TextInput
          data-autofocus
          label={keysPage.name}
          description={keysPage.nameHelp}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label={keysPage.access}
          value={access}
          data={(['read', 'sync', 'admin'] as const).map((value) => ({ value, label: keysPage.accesses[value] }))}
          onChange={(event) => setAccess(event.currentTarget.value as Key['access'])}
        />
        <Button type="submit" loading={add.isPending}>
          {keysPage.add}
        </Button>
      </form>
      <Refusal error={add.error} onProved={save} />
    </>
  );
}

function Rows({ keys }: { keys: readonly Key[] }): ReactNode {
  const { keysPage, pages } = useWords();
  const change = useChange<unknown>();
  const end = (id: string) => change.mutate({ path: `/keys/${id}`, method: 'DELETE' });
  return (
    <>
      <Refusal
        error={change.error}
        onProved={() => change.variables !== undefined && change.mutate(change.variables)}
      />
      <div className="table-frame">
        <table className="rows">
          <caption className="hidden">{pages.keys}</caption>
          <thead>
            <tr>
              <th scope="col">{keysPage.name}</th>
              <th scope="col">{keysPage.access}</th>
              <th scope="col">{keysPage.lastUsed}</th>
              <th scope="col">{keysPage.made}</th>
              <th scope="col">
                <span className="hidden">{keysPage.end}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <KeyRow key={key.id} apiKey={key} onEnd={() => end(key.id)} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function KeyRow({ apiKey, onEnd }: { apiKey: Key; onEnd(): void }): ReactNode {
  const words = useWords();
  const { keysPage } = words;
  return (
    <tr className={apiKey.revoked_at === null ? undefined : 'is-removed'}>
      <td className="cell-name">
        <span className="strong">{apiKey.name}</span>
        <span className="under mono">{apiKey.prefix}…</span>
      </td>
      <td data-label={keysPage.access}>
        {keysPage.accesses[apiKey.access]}
        {apiKey.level === 'all' ? null : (
          <span className="under">
            {words.levels[apiKey.level]} {apiKey.level_id}
          </span>
        )}
      </td>
      <td data-label={keysPage.lastUsed} className="soft">
        <When at={apiKey.last_used_at} inTable />
      </td>
      <td data-label={keysPage.made} className="soft">
        <When at={apiKey.created_at} inTable />
        <span className="under">{apiKey.created_by}</span>
      </td>
      <td className="cell-action">
        {apiKey.revoked_at === null ? (
          <Button variant="default" onClick={onEnd}>
            {keysPage.end}
            <span className="hidden"> {apiKey.name}</span>
          </Button>
        ) : (
          <span className="soft">
            {keysPage.ended} <When at={apiKey.revoked_at} inTable />
          </span>
        )}
      </td>
    </tr>
  );
}
