// Which tillsync, Node and PostgreSQL these are, and how they are connected.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { System } from '../../api-types.ts';
import { Section } from '../../parts/page-parts.tsx';
import { When } from '../../parts/when.tsx';
import { size } from '../../words/quantities.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';
import { Facts } from './facts.tsx';
import { span } from './times.ts';

export function Versions({ system }: { system: System }): ReactNode {
  const { system: words } = useWords();
  const { process, database, queue } = system;
  const names = words.facts;
  const rows: [string, ReactNode][] = [
    [names.tillsync, <Mono key="t" text={process.version} />],
    [names.node, <Mono key="n" text={`${process.node} · ${process.platform}`} />],
    [names.since, <When key="s" at={process.started_at} short />],
    [names.memory, size(process.memory_bytes)],
    [names.postgres, <Postgres key="p" database={database} />],
    [names.database, words.sized(database.name, size(database.bytes))],
    [names.payloads, size(queue.payload_bytes)],
    [names.schema, <Schema key="m" schema={database.schema} />],
    [names.login, <Login key="l" database={database} />],
    [names.rights, database.row_security_gap === null ? words.bound : <Bad key="r" text={words.unbound} />],
    [names.connections, words.connectionsOf(number(database.connections), number(database.max_connections))],
    [names.clock, clockText(database, words)],
  ];
  return (
    <Section title={words.versions}>
      <Facts rows={rows} />
    </Section>
  );
}

type Database = System['database'];
type SystemWords = ReturnType<typeof useWords>['system'];

function Mono({ text }: { text: string }): ReactNode {
  return <span className="mono">{text}</span>;
}

function Bad({ text }: { text: string }): ReactNode {
  return <strong className="ink-amber">{text}</strong>;
}

function Postgres({ database }: { database: Database }): ReactNode {
  const { system: words } = useWords();
  return (
    <>
      <Mono text={database.version} />, {database.is_embedded ? words.embedded : words.external}
    </>
  );
}

function Login({ database }: { database: Database }): ReactNode {
  const { system: words } = useWords();
  return (
    <>
      {words.actsAs(database.login, database.role)}
      {database.is_superuser && !database.is_embedded ? (
        <>
          , <Bad text={words.superuser} />
        </>
      ) : null}
    </>
  );
}

function Schema({ schema }: Pick<Database, 'schema'>): ReactNode {
  const { system: words } = useWords();
  if (schema.problem === null) return <Link to="/doctor">{words.current(schema.applied)}</Link>;
  return <Bad text={schema.pending.length > 0 ? words.pending(schema.pending.length) : words.other} />;
}

// A second is within what a clock and a network may do.
function clockText({ clock_difference_ms: difference, round_trip_ms }: Database, words: SystemWords): string {
  if (Math.abs(difference) < 1000 + round_trip_ms) return words.sameTime;
  const time = span(Math.abs(difference) / 1000);
  return difference > 0 ? words.ahead(time) : words.behind(time);
}
