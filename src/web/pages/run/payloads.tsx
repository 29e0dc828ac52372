// The stored answers that a run read: a look at the beginning of each, and the whole as a file.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Page, Run, RunPayload } from '../../api-types.ts';
import { addressOf, callText } from '../../call-api.ts';
import { Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useAnswer } from '../../queries/calls.ts';
import { size } from '../../words/quantities.ts';
import { useWords } from '../../words/words.ts';

const shownBytes = 65_536;

export function Payloads({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const payloads = useAnswer<Page<RunPayload>>(`/runs/${run.id}/payloads`);
  const rows = payloads.data?.data ?? [];
  if (payloads.error !== null) return <Problem error={payloads.error} onRetry={payloads.refetch} />;
  if (rows.length === 0) return <p className="soft">{payloads.isPending ? words.app.loading : words.app.none}</p>;
  return (
    <>
      <p className="soft small">{words.detail.payload.scrubbed}</p>
      <ul className="answers">
        {rows.map((payload) => (
          <Answer key={payload.page} run={run} payload={payload} />
        ))}
      </ul>
    </>
  );
}

function Answer({ run, payload }: { run: Run; payload: RunPayload }): ReactNode {
  const words = useWords();
  const own = words.detail.payload;
  const [isOpen, setOpen] = useState(false);
  const { page, bytes, content_hash } = payload;
  return (
    <li>
      <div className="answer-line">
        <span>{words.run.page(page)}</span>
        <span className="mono">{bytes === null ? words.run.gone : size(bytes)}</span>
        <code className="soft">{content_hash?.slice(0, 12) ?? ''}</code>
        {bytes === null ? null : (
          <span className="answer-acts">
            <button
              type="button"
              className="text-button"
              aria-expanded={isOpen}
              aria-label={isOpen ? undefined : own.lookAt(page)}
              onClick={() => setOpen(!isOpen)}
            >
              {isOpen ? own.hide : own.look}
            </button>
            <a href={addressOf(`/runs/${run.id}/payloads/${page}`)} download aria-label={own.downloadPage(page)}>
              {own.download}
            </a>
          </span>
        )}
      </div>
      {isOpen && bytes !== null ? (
        <Beginning path={`/runs/${run.id}/payloads/${page}`} isCut={bytes > shownBytes} />
      ) : null}
    </li>
  );
}

function Beginning({ path, isCut }: { path: string; isCut: boolean }): ReactNode {
  const { payload } = useWords().detail;
  const text = useQuery({
    queryKey: ['answer', path, 'beginning'],
    queryFn: ({ signal }) => callText(path, { bytes: shownBytes }, signal),
  });
  if (text.error !== null) return <Problem error={text.error} onRetry={text.refetch} />;
  if (text.data === undefined) return <Waiting />;
  return (
    <>
      {isCut ? <p className="soft small">{payload.beginning(size(shownBytes))}</p> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard. */}
      <pre className="code" tabIndex={0}>
        {isCut ? text.data : readable(text.data)}
      </pre>
    </>
  );
}

// An answer that is no JSON stands as it came.
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
