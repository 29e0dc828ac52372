// The tabs of a run; which one is open stands in the address.
import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Run } from '../../api-types.ts';
import { useFilter } from '../../parts/use-filter.ts';
import { changesOf, total } from '../../words/result.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';
import { ChangesTab } from './changes-tab.tsx';
import { FactsTab } from './facts-tab.tsx';
import { LogTab } from './log-tab.tsx';
import { ChildrenTab, DuplicatesTab, RejectsTab } from './rows-tabs.tsx';
import { SettingsTab } from './settings-tab.tsx';

export function RunTabs({ run }: { run: Run }): ReactNode {
  const { run: words, detail } = useWords();
  const names = { ...words.tabs, ...detail.tabs };
  const [filter, setFilter] = useFilter();
  const tabs: [keyof typeof names, number | null, () => ReactNode][] = [
    ...(run.is_parent
      ? [['children', null, () => <ChildrenTab run={run} />] as [keyof typeof names, null, () => ReactNode]]
      : []),
    ['changes', changesOf(run), () => <ChangesTab run={run} />],
    ['rejects', total(run, 'rejected'), () => <RejectsTab run={run} />],
    ['duplicates', total(run, 'duplicates'), () => <DuplicatesTab run={run} />],
    ['log', null, () => <LogTab run={run} />],
    ['facts', null, () => <FactsTab run={run} />],
    ['settings', null, () => <SettingsTab run={run} />],
  ];
  const first = run.is_parent ? 'children' : run.status === 'failed' ? 'log' : 'changes';
  const open = tabs.find(([name]) => name === filter.tab)?.[0] ?? first;
  return (
    <Tabs value={open} onChange={(tab) => setFilter({ tab: tab ?? undefined })} keepMounted={false} className="tabs">
      <Tabs.List>
        {tabs.map(([name, count]) => (
          <Tabs.Tab key={name} value={name}>
            {names[name]}
            {count === null || count === 0 ? null : <span className="tab-count">{number(count)}</span>}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(([name, , content]) => (
        <Tabs.Panel key={name} value={name} pt="md">
          {content()}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
