// A relay that runs in another network: from a port of an address there to a unix socket, which all networks share.
import { type AddressInfo, connect, createServer } from 'node:net';
import { joinSockets } from './join-sockets.ts';

const [address = '', path = ''] = process.argv.slice(2);
const server = createServer((near) => joinSockets(near, connect(path)));
server.listen(0, address, () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
