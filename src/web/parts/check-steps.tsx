// How far a test of a connection came, step by step, and the items that it saw.
import type { ReactNode } from 'react';
import type { CheckReport } from '../api-types.ts';
import { Icon } from '../look/icon.tsx';
import { money } from '../words/quantities.ts';
import { useWords } from '../words/words.ts';

export function CheckSteps({ report }: { report: CheckReport }): ReactNode {
  const words = useWords();
  return (
    <div role="status">
      <p className={report.ok ? 'ink-green strong' : 'ink-red strong'}>
        {report.ok ? words.integration.testOk : words.integration.testFailed}
      </p>
      <ol className="checks">
        {report.steps.map(({ step, ok, skipped, message, hint }) => (
          <li key={step} className={skipped ? 'soft' : undefined}>
            <span className={skipped ? '' : ok ? 'ink-green' : 'ink-red'}>
              <Icon name={skipped ? 'dot' : ok ? 'check' : 'cross'} />
            </span>
            <strong>{words.steps[step] ?? step}</strong>
            <span>
              {skipped ? words.integration.skipped : message}
              {hint === null ? null : <span className="under">{hint}</span>}
            </span>
          </li>
        ))}
      </ol>
      {report.items.length > 0 ? <Sample items={report.items} /> : null}
    </div>
  );
}

function Sample({ items }: { items: CheckReport['items'] }): ReactNode {
  const words = useWords();
  return (
    <table className="rows">
      <caption className="soft small">{words.integration.sample}</caption>
      <tbody>
        {items.map((item) => (
          <tr key={`${item.kind} ${item.external_id} ${item.path_id}`}>
            <td className="soft">{words.kind[item.kind]}</td>
            <th scope="row">{item.name ?? words.app.noName}</th>
            <td className="mono soft">{item.external_id}</td>
            <td className="mono right">{item.price === null ? '–' : money(item.price, item.currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
