// Who may read /metrics: everybody on this machine where the server listens only there, else whoever has a key.

const loopback = /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?)$/i;

// What proxies write, each some of it.
const passedOn = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/** Whether an address to listen on, or the host of a request, is this machine itself. */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}

/**
 * Whether a request may go without a key. Not one that a proxy passed on, and not one that was sent to another name: then
 * the caller sits elsewhere, whatever address the server listens on.
 */
export function isLocalRequest(request: Request, listensOnLoopback: boolean): boolean {
  const { headers } = request;
  if (!listensOnLoopback || passedOn.some((name) => headers.has(name))) return false;
  const host = headers.get('host') ?? new URL(request.url).host;
  return isLoopback(host.replace(/:\d+$/, ''));
}
