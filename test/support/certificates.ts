// Makes X.509 certificates for TLS tests at run time, so that no private key lies in the repository and none expires.
import { generateKeyPairSync, type KeyObject, randomInt, sign } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  cert: string;
  /** PEM. */
  key: string;
  name: string;
  privateKey: KeyObject;
}

export interface CertificateOptions {
  name: string;
  /** DNS names and IPv4 addresses it is valid for. */
  hosts?: readonly string[];
  /** Default: itself. */
  issuer?: Certificate;
  isAuthority?: boolean;
  /** Days from now; default -1 and 1. */
  from?: number;
  until?: number;
}

/** One certificate with a key of its own. */
export function makeCertificate(options: CertificateOptions): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { name, issuer = { name, privateKey }, from = -1, until = 1 } = options;
  const algorithm = sequence(objectId('2a8648ce3d040302'));
  const body = sequence(
    tagged(0xa0, integer(2)),
    integer(0x40_00_00_00 + randomInt(0x30_00_00_00)),
    algorithm,
    nameOf(issuer.name),
    sequence(time(from), time(until)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...extensions(options),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = (der.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    name,
    privateKey,
  };
}

function extensions({ hosts = [], isAuthority = false }: CertificateOptions): Buffer[] {
  const list: Buffer[] = [];
  if (isAuthority) {
    const content = sequence(tagged(0x01, Buffer.from([0xff])));
    list.push(sequence(objectId('551d13'), tagged(0x01, Buffer.from([0xff])), tagged(0x04, content)));
  }
  if (hosts.length > 0) {
    const names = hosts.map((host) =>
      /^[\d.]+$/.test(host) ? tagged(0x87, Buffer.from(host.split('.').map(Number))) : tagged(0x82, Buffer.from(host)),
    );
    list.push(sequence(objectId('551d11'), tagged(0x04, sequence(...names))));
  }
  // An empty list of extensions is no valid one.
  return list.length === 0 ? [] : [tagged(0xa3, sequence(...list))];
}

function nameOf(text: string): Buffer {
  return sequence(tagged(0x31, sequence(objectId('550403'), tagged(0x0c, Buffer.from(text)))));
}

function time(days: number): Buffer {
  const at = new Date(Date.now() + days * 86_400_000).toISOString();
  return tagged(0x18, Buffer.from(`${at.replace(/\D/g, '').slice(0, 14)}Z`));
}

/** From 0 to 127, or four bytes without a leading zero or sign bit: DER allows no padding. */
function integer(value: number): Buffer {
  if (value < 128) return tagged(0x02, Buffer.from([value]));
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return tagged(0x02, bytes);
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
