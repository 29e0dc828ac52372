// The kinds of POS that can be read, and what each can do.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Connector } from '../../api-types.ts';
import { PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useConnectors } from '../../queries/configs.ts';
import { useMay } from '../../queries/may.ts';
import { useWords } from '../../words/words.ts';

export function ConnectorsPage(): ReactNode {
  const words = useWords();
  const connectors = useConnectors();
  return (
    <>
      <PageHead title={words.pages.connectors}>{words.connectors.intro}</PageHead>
      {connectors.error === null ? null : <Problem error={connectors.error} onRetry={connectors.refetch} />}
      {connectors.data === undefined ? <Waiting rows={8} /> : <Rows connectors={connectors.data} />}
    </>
  );
}

function Rows({ connectors }: { connectors: readonly Connector[] }): ReactNode {
  const { connectors: words, pages } = useWords();
  const may = useMay();
  return (
    <div className="table-frame">
      <table className="rows">
        <caption className="hidden">{pages.connectors}</caption>
        <thead>
          <tr>
            <th scope="col">{words.name}</th>
            <th scope="col">{words.identity}</th>
            <th scope="col">{words.removal}</th>
            <th scope="col">{words.incremental}</th>
            <th scope="col">{words.webhooks}</th>
            <th scope="col">
              <span className="hidden">{words.connect}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {connectors.map((connector) => (
            <tr key={connector.id}>
              <td className="cell-name">
                <span className="strong">{connector.title}</span>
                <span className="under mono">{connector.id}</span>
              </td>
              <td className="mono" data-label={words.identity}>
                {connector.identity.join(', ') === '' ? '–' : connector.identity.join(', ')}
              </td>
              <td data-label={words.removal}>{words.removals[connector.removal]}</td>
              <td data-label={words.incremental}>{connector.incremental.cursor === null ? words.no : words.yes}</td>
              <td data-label={words.webhooks}>{connector.webhooks ? words.yes : words.no}</td>
              <td className="cell-action">
                {may.administer && connector.id !== 'file' ? (
                  <Button
                    variant="default"
                    component={Link}
                    to="/integrations/new"
                    search={{ connector: connector.id } as never}
                  >
                    {words.connect}
                    <span className="hidden"> {connector.title}</span>
                  </Button>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
