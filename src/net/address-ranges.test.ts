// Tests of address ranges: what is in one, however the address is written.
import { expect, test } from 'vitest';
import { addressRanges, networkOf, plainAddress } from './address-ranges.ts';

test('an address is in a list when it, or a range around it, is named', () => {
  const isIn = addressRanges(['10.0.0.7', '10.1.0.0/16', 'fd00::/8', '::1']);
  expect(['10.0.0.7', '10.1.255.255', 'fd12::1', '::1'].filter(isIn)).toHaveLength(4);
  expect(['10.0.0.8', '10.2.0.0', 'fe00::1', '::2', '', 'localhost', '10.0.0.7:80'].filter(isIn)).toEqual([]);
});

test('what is neither an address nor a range is refused', () => {
  for (const entry of ['', 'proxy.example', '10.0.0.0/33', 'fd00::/129', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.300']) {
    expect(() => addressRanges([entry]), entry).toThrow(RangeError);
  }
});

test('an address is one text, whatever port, brackets, zone or cover it came with', () => {
  expect(plainAddress('::ffff:10.0.0.7')).toBe('10.0.0.7');
  expect(plainAddress('10.0.0.7:4711')).toBe('10.0.0.7');
  expect(plainAddress('[FD00::1]:4711')).toBe('fd00::1');
  expect(plainAddress('[fd00::1]')).toBe('fd00::1');
  expect(plainAddress('fe80::1%eth0')).toBe('fe80::1');
  expect(['unknown', '_hidden', '', '10.0.0', 'proxy.example:80'].map(plainAddress)).toEqual(Array(5).fill(null));
});

test('a subscriber of IPv6 is one network, however the address is shortened', () => {
  expect(networkOf('2001:db8:0:7:1:2:3:4')).toBe('2001:db8:0:7::/64');
  expect(networkOf('2001:DB8::7:1:2:3:4')).toBe('2001:db8:0:7::/64');
  expect(networkOf('2001:0db8:0000:0007::1')).toBe('2001:db8:0:7::/64');
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
  expect(networkOf('64:ff9b::192.0.2.1')).toBe('64:ff9b:0:0::/64');
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
});
