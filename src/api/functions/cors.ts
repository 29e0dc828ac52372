// CORS: none by default, and only for origins that stand in the allow list, byte by byte; never *.

/** The CORS headers for a request: empty unless its origin is allowed. Always says that the answer varies by origin. */
export function corsHeaders(request: Request, allowed: readonly string[]): Record<string, string> {
  const origin = request.headers.get('origin');
  if (origin === null || origin === 'null' || !allowed.includes(origin)) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'Retry-After',
  };
}

/** The further headers of an answer to OPTIONS; empty unless the origin is allowed. */
export function preflightHeaders(request: Request, allowed: readonly string[]): Record<string, string> {
  const headers = corsHeaders(request, allowed);
  if (!('access-control-allow-origin' in headers)) return headers;
  return {
    ...headers,
    'access-control-allow-methods': 'POST, OPTIONS',
    // apikey and x-client-info are what the Supabase client adds to every call.
    'access-control-allow-headers': 'authorization, content-type, apikey, x-client-info',
    'access-control-max-age': '600',
  };
}
