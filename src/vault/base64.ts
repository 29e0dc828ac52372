// Bytes as base64 text and back, with nothing outside the web platform.

/** Unpadded base64url. */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/**
 * The bytes of base64 or base64url text, padded or not; null when it is neither. Strict: two texts never give the same
 * bytes except by alphabet and padding, so that every changed character of a ciphertext is noticed.
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const url = text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  if (!/^[\w-]*$/.test(url)) return null;
  let binary: string;
  try {
    binary = atob(url.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return null;
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return toBase64Url(bytes) === url ? bytes : null;
}
