// A pooler in transaction mode, as Supabase and PgBouncer have: a client has a server's session for one transaction only.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import pg from 'pg';

export interface TransactionPooler {
  port: number;
  /** How often a session went to another client than the one that had it before. */
  handovers(): number;
  close(): Promise<void>;
}

interface Session {
  client: pg.Client;
  socket: Socket;
  user: Client | null;
  lastUser: Client | null;
  unread: Buffer;
}

interface Client {
  socket: Socket;
  session: Session | null;
  /** What waits for a session. */
  unsent: Buffer[];
  isIn: boolean;
}

/** Starts one on 127.0.0.1 with that many sessions of the server at `url`; any password of a client will do. */
export async function openTransactionPooler(url: string, size: number): Promise<TransactionPooler> {
  const sessions = await Promise.all(Array.from({ length: size }, () => openSession(url)));
  const waiting: Client[] = [];
  const clients = new Set<Client>();
  let handovers = 0;

  for (const session of sessions) {
    session.socket.on('data', (piece: Buffer) => {
      session.user?.socket.write(piece);
      if (hasEnded(session, piece)) free(session);
    });
  }

  function free(session: Session): void {
    if (session.user !== null) session.user.session = null;
    session.user = null;
    const next = waiting.shift();
    if (next !== undefined) give(next, session);
  }

  function give(client: Client, session: Session): void {
    if (session.lastUser !== null && session.lastUser !== client) handovers++;
    Object.assign(session, { user: client, lastUser: client });
    client.session = session;
    for (const piece of client.unsent.splice(0)) session.socket.write(piece);
  }

  function pass(client: Client, piece: Buffer): void {
    if (client.session !== null) {
      client.session.socket.write(piece);
      return;
    }
    client.unsent.push(piece);
    // The one that was idle longest: no client finds its own session again by chance.
    const idle = sessions.filter(({ user }) => user === null).sort((a, b) => age(a, client) - age(b, client))[0];
    if (idle !== undefined) give(client, idle);
    else if (!waiting.includes(client)) waiting.push(client);
  }

  const server = createServer((socket) => {
    const client: Client = { socket, session: null, unsent: [], isIn: false };
    clients.add(client);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => clients.delete(client));
    socket.on('data', (piece: Buffer) => {
      if (client.isIn) {
        // X: the client leaves, the session stays.
        if (piece.length === 5 && piece[0] === 0x58) socket.end();
        else pass(client, piece);
        return;
      }
      client.isIn = true;
      socket.write(welcome);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    handovers: () => handovers,
    async close() {
      for (const { socket } of clients) socket.destroy();
      server.close();
      await Promise.all(sessions.map(({ client }) => client.end()));
    },
  };
}

function age(session: Session, client: Client): number {
  return session.lastUser === client ? 1 : 0;
}

async function openSession(url: string): Promise<Session> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.removeAllListeners('data');
  return { client, socket: stream, user: null, lastUser: null, unread: Buffer.alloc(0) };
}

/** Whether these bytes of the server end with "ready, outside a transaction". */
function hasEnded(session: Session, piece: Buffer): boolean {
  let rest = Buffer.concat([session.unread, piece]);
  let ended = false;
  while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
    const length = 1 + rest.readUInt32BE(1);
    ended = rest[0] === 0x5a && rest[5] === 0x49;
    rest = rest.subarray(length);
  }
  session.unread = Buffer.from(rest);
  return ended && rest.length === 0;
}

// R: in; K: no key to cancel with; Z: ready.
const welcome = Buffer.concat([
  Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]),
  Buffer.from([0x4b, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]),
  Buffer.from([0x5a, 0, 0, 0, 5, 0x49]),
]);
