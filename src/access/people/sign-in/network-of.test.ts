// Which addresses count as one.
import { expect, it } from 'vitest';
import { networkOf } from './network-of.ts';

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2ff::7', '2001:db8:1:200::/56'],
  ['2001:DB8:1:201:aaaa:bbbb:cccc:dddd', '2001:db8:1:200::/56'],
  ['::1', '0:0:0:0::/56'],
  ['fe80::1%eth0', 'fe80:0:0:0::/56'],
  [null, 'unknown'],
  ['', 'unknown'],
  ['example.com', 'unknown'],
  ['1:2', 'unknown'],
  ['x]/y', 'unknown'],
])('failures from %j count for %j', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
