// The kinds of POS that can be read, and what each can do.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Connector, Page, StoredRecipe } from '../../api-types.ts';
import { PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useAnswer } from '../../queries/calls.ts';
import { useConnectors } from '../../queries/configs.ts';
import { useMay } from '../../queries/may.ts';
import { useWords } from '../../words/words.ts';

export function ConnectorsPage(): ReactNode {
  const words = useWords();
  const connectors = useConnectors();
  const may = useMay();
  return (
    <>
      <PageHead
        title={words.pages.connectors}
        actions={
          may.administer ? (
            <Button component={Link} to="/connectors/recipes/new">
              {words.recipe.add}
            </Button>
          ) : undefined
        }
      >
        {words.connectors.intro}
      </PageHead>
      {connectors.error === null ? null : <Problem error={connectors.error} onRetry={connectors.refetch} />}
      {connectors.data === undefined ? <Waiting rows={8} /> : <Rows connectors={connectors.data} />}
    </>
  );
}

function Rows({ connectors }: { connectors: readonly Connector[] }): ReactNode {
  const { connectors: words, pages, recipe } = useWords();
  const may = useMay();
  const recipes = useAnswer<Page<StoredRecipe>>('/recipes');
  const isRecipe = new Set(recipes.data?.data.map(({ id }) => id));
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
                {isRecipe.has(connector.id) ? (
                  <Link
                    className="small"
                    to="/connectors/recipes/$recipeId"
                    params={{ recipeId: connector.id }}
                    aria-label={`${recipe.edit}: ${connector.title}`}
                  >
                    {recipe.edit}
                  </Link>
                ) : null}
              </td>
              <td className="mono" data-label={words.identity}>
                {connector.identity.join(', ') === '' ? '–' : connector.identity.join(', ')}
              </td>
              <td data-label={words.removal}>{words.removals[connector.removal]}</td>
              <td data-label={words.incremental}>{connector.incremental.cursor === null ? words.no : words.yes}</td>
              <td data-label={words.webhooks}>{connector.webhooks ? words.yes : words.no}</td>
              <td className="cell-action">
                {may.administer && !connector.takes_files ? (
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
