// A relay between us and PostgreSQL that can cut a connection at an exact place of the conversation.
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PgProxy {
  /** As the url that it relays to. */
  url: string;
  /**
   * Cuts the next connection that commits a save: before the commit reaches the server, right after it was sent, or when
   * the server has answered and we have not heard. Resolves when that has happened.
   */
  cutCommit(when: 'before' | 'sent' | 'answered'): Promise<void>;
  /** The same when so many bytes of the commit have reached the server, or so many of the answer have reached us. */
  cutCommitAt(place: CommitPlace): Promise<void>;
  /** Cuts the next connection that copies into `table` once so many bytes have passed after the COPY began. */
  cutCopy(table: string, bytes: number): Promise<void>;
  close(): Promise<void>;
}

export type CommitPlace = { sent: number } | { answered: number };

/** What happens to bytes on their way to the server: they pass, or the connection ends behind so many of them or of the answer. */
type Verdict = 'pass' | CommitPlace;
type Watch = (bytes: Buffer, connection: { texts: string; copied: number | null }) => Verdict;

/** Starts a relay on a socket of its own. */
export async function openPgProxy(url: string): Promise<PgProxy> {
  const target = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), 'tillsync-test-proxy-'));
  const from = target.searchParams.get('host') ?? '';
  const name = (await readdir(from)).find((file) => /^\.s\.PGSQL\.\d+$/.test(file)) ?? '';
  let watch: { on: Watch; done: () => void } | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(join(from, name));
    const state = { texts: '', copied: null as number | null };
    let isCut = false;
    const cut = () => {
      isCut = true;
      client.destroy();
      upstream.destroy();
      const cutting = watch;
      watch = null;
      cutting?.done();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    let answerLeft = Number.POSITIVE_INFINITY;
    client.on('data', (bytes: Buffer) => {
      const verdict = watch?.on(bytes, state) ?? 'pass';
      if (verdict === 'pass') upstream.write(bytes);
      else if ('sent' in verdict) cutBehind(upstream, bytes.subarray(0, verdict.sent), cut);
      else {
        answerLeft = verdict.answered;
        upstream.write(bytes);
      }
    });
    upstream.on('data', (bytes: Buffer) => {
      if (isCut) return;
      const passing = bytes.subarray(0, answerLeft);
      answerLeft -= bytes.length;
      if (answerLeft > 0) client.write(passing);
      else cutBehind(client, passing, cut);
    });
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
  });
  server.listen(join(folder, name));
  await once(server, 'listening');
  const own = new URL(url);
  own.searchParams.set('host', folder);
  const armed = (on: Watch) =>
    new Promise<void>((done) => {
      watch = { on, done };
    });
  return {
    url: own.href,
    cutCommit: (when) => armed(onCommit(commitPlaces[when])),
    cutCommitAt: (place) => armed(onCommit(place)),
    cutCopy: (table, bytes) => armed(onCopy(table, bytes)),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function cutBehind(socket: Socket, bytes: Buffer, cut: () => void): void {
  if (bytes.length === 0) cut();
  else socket.write(bytes, cut);
}

const commitPlaces = {
  before: { sent: 0 },
  sent: { sent: Number.POSITIVE_INFINITY },
  answered: { answered: 0 },
} as const;

// A save is the transaction that moves the state of its source.
function onCommit(place: CommitPlace): Watch {
  return (bytes, connection) => {
    const text = bytes.toString('latin1');
    if (text.includes('insert into integration_sync_state')) connection.texts = 'save';
    return connection.texts === 'save' && text.includes('commit\0') ? place : 'pass';
  };
}

function onCopy(table: string, limit: number): Watch {
  return (bytes, connection) => {
    if (connection.copied !== null) connection.copied += bytes.length;
    else if (bytes.includes(`copy ${table} (`)) connection.copied = 0;
    return connection.copied !== null && connection.copied >= limit ? { sent: 0 } : 'pass';
  };
}
