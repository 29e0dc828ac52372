// Rejects over all runs, grouped by why: what is wrong now, what to do about it, and every item behind it.
import type { ReactNode } from 'react';
import type { Page, RejectGroup } from '../../api-types.ts';
import '../../look/rejects.css';
import { ChoiceField } from '../../parts/filter-field.tsx';
import { Empty, PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { type Search, useFilter } from '../../parts/use-filter.ts';
import { useAnswer } from '../../queries/calls.ts';
import { useConfigs } from '../../queries/configs.ts';
import { kinds } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { Group, type RejectQuery } from './reject-group.tsx';

export function RejectsPage(): ReactNode {
  const { rejects: words, pages } = useWords();
  const [filter, setFilter] = useFilter();
  const { state, config, kind } = filter;
  const query = { state, config_id: config, kind };
  const groups = useAnswer<Page<RejectGroup> & { older_left_out: boolean }>('/rejects', query);
  const isFiltered = [config, kind].some((value) => value !== undefined && value !== '');
  return (
    <>
      <PageHead title={pages.rejects}>{words.intro}</PageHead>
      <Filters filter={filter} setFilter={setFilter} query={query} />
      {groups.error === null ? null : <Problem error={groups.error} onRetry={groups.refetch} />}
      {groups.data === undefined ? (
        groups.error === null ? (
          <Waiting rows={8} />
        ) : null
      ) : groups.data.data.length === 0 ? (
        <None isFiltered={isFiltered} />
      ) : (
        <Groups groups={groups.data.data} query={query} filter={filter} setFilter={setFilter} />
      )}
      {groups.data?.older_left_out === true ? <p className="soft small">{words.olderLeftOut}</p> : null}
    </>
  );
}

function None({ isFiltered }: { isFiltered: boolean }): ReactNode {
  const { rejects: words } = useWords();
  if (isFiltered) return <Empty icon="search" title={words.filteredNone} />;
  return (
    <Empty icon="check" title={words.none}>
      {words.noneText}
    </Empty>
  );
}

interface FilterProps {
  filter: Search;
  setFilter(change: Search): void;
  query: RejectQuery;
}

function Filters({ filter, setFilter, query }: FilterProps): ReactNode {
  const words = useWords();
  const { rejects, history, catalog } = words;
  const configs = useConfigs();
  const states = ['open', 'gone', 'all'] as const;
  return (
    <search className="filters">
      <ChoiceField
        label={rejects.state}
        value={filter.state ?? 'open'}
        choices={states.map((state) => [state, rejects.states[state]] as const)}
        onChange={(state) => setFilter({ state: state === 'open' ? undefined : state })}
      />
      <ChoiceField
        label={history.integration}
        value={filter.config}
        choices={[
          ['', history.allIntegrations],
          ...(configs.data ?? []).filter((each) => each.source_id !== null).map(({ id, name }) => [id, name] as const),
        ]}
        onChange={(config) => setFilter({ config })}
      />
      <ChoiceField
        label={catalog.kind}
        value={filter.kind}
        choices={[['', catalog.allKinds], ...kinds.map((kind) => [kind, words.kinds[kind]] as const)]}
        onChange={(kind) => setFilter({ kind })}
      />
      <span className="download">
        <a href={exportAddress(query, 'csv')} download>
          {rejects.downloadCsv}
        </a>{' '}
        <a className="soft" href={exportAddress(query, 'ndjson')} download>
          {rejects.downloadLines}
        </a>
      </span>
    </search>
  );
}

function exportAddress(query: RejectQuery, format: string): string {
  const all: RejectQuery = { ...query, format };
  const given = Object.entries(all).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
  return `/api/v1/rejects/export?${new URLSearchParams(given).toString()}`;
}

interface GroupsProps extends FilterProps {
  groups: readonly RejectGroup[];
}

function Groups({ groups, query, filter, setFilter }: GroupsProps): ReactNode {
  const { rejects: words } = useWords();
  const total = groups.reduce((sum, group) => sum + group.rejects, 0);
  return (
    <>
      <p className="reject-total">{words.total(total, new Set(groups.map(({ reason }) => reason)).size)}</p>
      <ul className="reject-groups">
        {groups.map((group) => {
          const name = `${group.kind}.${group.reason}`;
          const isOpen = filter.group === name;
          return (
            <Group
              key={name}
              group={group}
              query={query}
              isOpen={isOpen}
              onToggle={() => setFilter({ group: isOpen ? undefined : name })}
            />
          );
        })}
      </ul>
    </>
  );
}
