// Codes of an app (TOTP, RFC 6238): a secret, its address for the app, and which step a code belongs to.
import { Secret, TOTP } from 'otpauth';

const period = 30;

/** 160 random bits in base32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** The address that an app reads from the QR code: otpauth://totp/tillsync:<e-mail>?secret=… */
export function totpUri(secret: string, email: string): string {
  return new TOTP({ issuer: 'tillsync', label: email, secret: Secret.fromBase32(secret), period }).toString();
}

/** The step of a code that is right now, or of the one before or after (clocks differ); null = it is none of them. */
export function stepOfCode(secret: string, code: string, now: Date): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const totp = new TOTP({ secret: Secret.fromBase32(secret), period });
  const timestamp = now.getTime();
  const delta = totp.validate({ token: code, timestamp, window: 1 });
  return delta === null ? null : Math.floor(timestamp / 1000 / period) + delta;
}
