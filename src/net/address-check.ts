// Which addresses a request may go to: protocol, port, name, and every IP address that the name leads to.
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { TillsyncError } from '../errors.ts';

export interface AddressRules {
  allowPrivateHosts: boolean;
  /** Resolves names; default the system's. */
  lookup?: LookupFunction;
}

/** Reserved for this host, this network, documentation, benchmarks and carriers (RFC 6890 and its registry). */
const privateRanges = rangesOf('ipv4', [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
]);
/** Nothing answers there over TCP, or the meaning depends on the machine: refused always. */
const neverRanges = rangesOf('ipv4', ['0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4']);
const globalIpv6 = rangesOf('ipv6', ['2000::/3']);
/** Inside 2000::/3, but protocol assignments (Teredo 2001::/32 among them), 6to4 and documentation. */
const specialIpv6 = rangesOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);
const neverIpv6 = rangesOf('ipv6', ['ff00::/8', '::/128']);

/** The ports that the Fetch standard blocks for every browser: mail, shells, printers and the like. */
const blockedPorts = new Set(
  (
    '1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 ' +
    '135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 ' +
    '995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080'
  ).split(' '),
);

function rangesOf(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix = ''] = range.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}

/** Whether requests to this IP address are refused. IPv6 is allowed only where it is globally routable. */
export function isRefusedAddress(address: string, allowPrivateHosts: boolean): boolean {
  if (isIP(address) === 4) {
    return neverRanges.check(address) || (!allowPrivateHosts && privateRanges.check(address));
  }
  if (neverIpv6.check(address, 'ipv6')) return true;
  if (allowPrivateHosts) return false;
  return !globalIpv6.check(address, 'ipv6') || specialIpv6.check(address, 'ipv6');
}

/**
 * The URL, when a request may go there; names are checked again by `checkedLookup` when they are resolved.
 * Throws TillsyncError address_refused. WHATWG URL has already turned decimal, octal and hex hosts into addresses.
 */
export function checkUrl(address: string | URL, rules: AddressRules): URL {
  const url = typeof address === 'string' ? URL.parse(address) : address;
  if (url === null) throw refused('The POS address is not a valid URL.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw refused(`The POS address begins with ${url.protocol} and only https: and http: are allowed.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw refused(`The POS address of ${url.hostname} carries a user name or password inside the URL.`);
  }
  if (blockedPorts.has(url.port)) throw refused(`Port ${url.port} of ${url.hostname} is no port for a POS.`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) {
    if (isRefusedAddress(host, rules.allowPrivateHosts)) throw refusedAddress(url.hostname, host);
  } else if (!rules.allowPrivateHosts && /(^|\.)localhost\.?$/.test(host)) {
    throw refusedAddress(host, 'this machine');
  }
  return url;
}

/**
 * A lookup for sockets that refuses a name as soon as one of its addresses is refused. The socket connects to exactly
 * the addresses checked here, so an answer that changes between two look-ups changes nothing.
 */
export function checkedLookup(rules: AddressRules): LookupFunction {
  const resolve: LookupFunction = rules.lookup ?? systemLookup;
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found, family) => {
      const addresses = typeof found === 'string' ? [{ address: found, family: family ?? isIP(found) }] : found;
      const first = addresses?.[0];
      if (error || first === undefined) {
        callback(error ?? Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' }), '', 0);
        return;
      }
      const bad = addresses.find(({ address }) => isRefusedAddress(address, rules.allowPrivateHosts));
      if (bad) callback(refusedAddress(hostname, bad.address), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function refusedAddress(host: string, address: string): TillsyncError {
  const target = host.replace(/^\[|\]$/g, '') === address ? address : `${host} (${address})`;
  return refused(
    `The POS address ${target} is private, local or reserved.`,
    'Set TILLSYNC_ALLOW_PRIVATE_HOSTS=1 if the POS really stands in your own network.',
  );
}

function refused(message: string, hint = 'Correct base_url in the settings of the config.'): TillsyncError {
  return new TillsyncError(message, { code: 'address_refused', step: 'fetch', status: 422, hint });
}
