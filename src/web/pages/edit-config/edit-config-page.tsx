// Editing the settings of an integration: what is read here is what the change is made over.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ShownConfig } from '../../api-types.ts';
import { callWithTag } from '../../call-api.ts';
import { Empty, PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useConnectors, useExplanation } from '../../queries/configs.ts';
import { useMay } from '../../queries/may.ts';
import { useWords } from '../../words/words.ts';
import { EditForm } from './edit-form.tsx';

export function EditConfigPage(): ReactNode {
  const { configId = '' } = useParams({ strict: false });
  const words = useWords();
  const read = useQuery({
    queryKey: ['edited', configId],
    queryFn: ({ signal }) =>
      callWithTag<ShownConfig>(`/configs/${encodeURIComponent(configId)}`, undefined, { signal }),
    // Who changed it meanwhile is not overruled: the state stays the one that was read when the page opened.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const explanation = useExplanation(configId);
  const connectors = useConnectors();
  const may = useMay();
  const error = read.error ?? explanation.error ?? connectors.error;
  const connector = connectors.data?.find(({ id }) => id === read.data?.answer.connector_id);
  const name = read.data?.answer.name ?? '';
  return (
    <>
      <PageHead title={words.edit.settings.title(name)} above={<Above configId={configId} name={name} />}>
        {words.edit.settings.intro}
      </PageHead>
      {error === null ? null : (
        <Problem error={error} onRetry={() => Promise.all([read.refetch(), explanation.refetch()])} />
      )}
      {may.administer ? null : <Empty icon="key" title={words.problem.noRights} />}
      {!may.administer || error !== null ? null : read.data === undefined ||
        explanation.data === undefined ||
        connector === undefined ? (
        <Waiting rows={10} />
      ) : (
        <EditForm
          read={{ config: read.data.answer, tag: read.data.tag }}
          explanation={explanation.data}
          connector={connector}
        />
      )}
    </>
  );
}

function Above({ configId, name }: { configId: string; name: string }): ReactNode {
  const words = useWords();
  return (
    <>
      <Link to="/integrations">{words.pages.integrations}</Link>
      {name === '' ? null : (
        <>
          {' / '}
          <Link to="/integrations/$configId" params={{ configId }}>
            {name}
          </Link>
        </>
      )}
    </>
  );
}
