// Two sockets as one: what comes in on either goes out on the other, and both end together.
import type { Socket } from 'node:net';

export function joinSockets(near: Socket, far: Socket): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => one.destroy());
    one.on('close', () => other.destroy());
    one.pipe(other);
  }
}
