// Sites from the list of a POS account: looked at first, picked, then imported.
import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Config, ImportedSite, ListedPlace, Page } from '../../api-types.ts';
import { Empty, PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { useFilter } from '../../parts/use-filter.ts';
import { useChange } from '../../queries/calls.ts';
import { useConfigs, useConnectors, useLevels } from '../../queries/configs.ts';
import { useWords } from '../../words/words.ts';
import { PickTable, ResultTable } from './import-tables.tsx';

export function ImportPage(): ReactNode {
  const words = useWords();
  const { places } = words.edit;
  const configs = useConfigs();
  const connectors = useConnectors();
  const listing = new Set(connectors.data?.filter((each) => each.lists_locations).map(({ id }) => id));
  const able = (configs.data ?? []).filter(({ connector_id, is_active }) => is_active && listing.has(connector_id));
  const isRead = configs.data !== undefined && connectors.data !== undefined;
  const error = configs.error ?? connectors.error;
  return (
    <>
      <PageHead title={places.importTitle} above={<Link to="/hierarchy">{words.pages.hierarchy}</Link>}>
        {places.importIntro}
      </PageHead>
      {error === null ? null : <Problem error={error} onRetry={configs.refetch} />}
      {!isRead && error === null ? <Waiting rows={4} /> : null}
      {isRead && able.length === 0 ? (
        <Empty icon="tree" title={places.importNone}>
          {places.importNoneText}
        </Empty>
      ) : null}
      {able.length > 0 ? <Import configs={able} /> : null}
    </>
  );
}

function Import({ configs }: { configs: readonly Config[] }): ReactNode {
  const { places } = useWords().edit;
  const levels = useLevels();
  const [filter, setFilter] = useFilter();
  const config = configs.find(({ id }) => id === filter.config) ?? configs[0];
  const list = useChange<Page<ListedPlace>>();
  const companyBody =
    filter.company === undefined || filter.company === '' ? {} : { company_id: Number(filter.company) };
  const ask = () => list.mutate({ path: `/configs/${config?.id}/list-places`, method: 'POST', body: companyBody });
  const send = (event: FormEvent) => {
    event.preventDefault();
    ask();
  };
  const choose = (change: { config?: string; company?: string }) => {
    setFilter(change);
    list.reset();
  };
  return (
    <>
      <form className="form import-form" onSubmit={send}>
        <NativeSelect
          label={places.importFrom}
          description={places.importFromHelp}
          value={config?.id ?? ''}
          data={configs.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(event) => choose({ config: event.currentTarget.value })}
        />
        <NativeSelect
          label={places.importTo}
          value={filter.company ?? ''}
          data={[
            { value: '', label: places.importToOwn },
            ...(levels.data?.companies ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
          onChange={(event) => choose({ company: event.currentTarget.value })}
        />
        <Button type="submit" loading={list.isPending}>
          {places.list}
        </Button>
      </form>
      <Refusal error={list.error} onProved={ask} />
      {list.data === undefined || config === undefined ? null : (
        <Pick
          key={list.submittedAt}
          listed={list.data.data}
          path={`/configs/${config.id}/import-sites`}
          body={companyBody}
        />
      )}
    </>
  );
}

interface PickProps {
  listed: readonly ListedPlace[];
  path: string;
  body: object;
}

function Pick({ listed, path, body }: PickProps): ReactNode {
  const { places } = useWords().edit;
  const levels = useLevels();
  const fresh = listed.filter(({ site_id }) => site_id === null).map(({ location_id }) => location_id);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set(fresh));
  const [withConfigs, setWithConfigs] = useState(false);
  const work = useChange<Page<ImportedSite>>();
  const ids = listed.map(({ location_id }) => location_id).filter((id) => picked.has(id));
  const run = () =>
    work.mutate({ path, method: 'POST', body: { ...body, location_ids: ids, with_configs: withConfigs } });
  const send = (event: FormEvent) => {
    event.preventDefault();
    run();
  };
  if (work.data !== undefined) return <ResultTable imported={work.data.data} />;
  if (listed.length === 0) return <Empty icon="tree" title={places.listEmpty} />;
  return (
    <form className="section form" onSubmit={send}>
      <PickTable
        listed={listed}
        siteName={(id) => levels.data?.sites.find((site) => site.id === id)?.name ?? String(id)}
        picked={picked}
        onPick={setPicked}
      />
      <Checkbox
        label={places.withConfigs}
        checked={withConfigs}
        onChange={(event) => setWithConfigs(event.currentTarget.checked)}
      />
      <div className="live-actions">
        <Button type="submit" disabled={ids.length === 0} loading={work.isPending}>
          {places.importGo(ids.length)}
        </Button>
      </div>
      <Refusal error={work.error} onProved={run} />
    </form>
  );
}
