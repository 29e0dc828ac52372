// Lists of addresses and ranges in CIDR form, as an operator names them, and whether an address is in one.
import { BlockList, isIP } from 'node:net';

/** Says whether an address is in the list. */
export type AddressRanges = (address: string) => boolean;

/** A list such as ['10.0.0.7', '10.1.0.0/16', 'fd00::/8']. Throws RangeError at what is neither an address nor a range. */
export function addressRanges(listed: readonly string[]): AddressRanges {
  const list = new BlockList();
  for (const entry of listed) {
    const [network = '', prefix] = entry.split('/');
    const family = isIP(network);
    const bits = prefix === undefined ? undefined : Number(prefix);
    if (family === 0 || (prefix !== undefined && !isPrefix(prefix, family))) throw new RangeError(entry);
    const name = family === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(network, name);
    else list.addSubnet(network, bits, name);
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
  };
}

/** An address in the form in which it is compared: without brackets, port, zone and IPv6's cover of an IPv4 one; null = none. */
export function plainAddress(text: string): string | null {
  const bare = /^\[(.*)\](:\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
  return isIP(address) === 0 ? null : address.toLowerCase();
}

function isPrefix(text: string, family: number): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= (family === 4 ? 32 : 128);
}

/** The network that one subscriber has: an IPv4 address itself, of IPv6 the first 64 bits, e.g. '2001:db8:0:7::/64'. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  // An IPv4 ending is two groups.
  const dotted = address.includes('.') ? 1 : 0;
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - dotted - first.length - last.length)).fill('0');
  const groups = [...first, ...zeros, ...last].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.join(':')}::/64`;
}
