// Which address failures are counted for: one of IPv4, or the network that IPv6 gives to a household.

/** '203.0.113.7' stays; '2001:db8:1:2::7' becomes '2001:db8:1:0::/56'; null and what is none become 'unknown'. */
export function networkOf(address: string | null): string {
  if (address === null) return 'unknown';
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(bare)) return bare;
  // The parser of addresses that is at hand: it writes each of them in one form.
  const url = `http://[${bare}]/`;
  if (!/^[\da-f:.]+$/i.test(bare) || !URL.canParse(url)) return 'unknown';
  const groups = expanded(new URL(url).hostname.slice(1, -1));
  const fourth = (groups[3] ?? 0) & 0xff00;
  return `${[...groups.slice(0, 3), fourth].map((group) => group.toString(16)).join(':')}::/56`;
}

// Eight numbers of the compressed form.
function expanded(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const numbers = (text: string) =>
    text
      .split(':')
      .filter((part) => part !== '')
      .map((part) => Number.parseInt(part, 16));
  const [first, last] = [numbers(head), numbers(tail ?? '')];
  return tail === undefined ? first : [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}
