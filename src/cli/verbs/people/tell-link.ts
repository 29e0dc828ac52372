// Prints a link that works once: alone on stdout, so that it can be piped; the words around it on stderr.
import type { Command } from 'commander';
import { linkUrl, type MadeLink } from '../../../access/people/links/make-link.ts';
import type { App } from '../../../app.ts';
import type { UserEntry } from '../../../records/people/read-users.ts';
import { serverAddress } from '../../parse-options.ts';
import { time } from '../../print/quantities.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { optionsOf } from '../../verb.ts';

/** Adds --url, under which browsers reach the server. */
export function urlOption(command: Command): Command {
  return command.option('--url <address>', 'where browsers reach the server (default: this machine)', serverAddress);
}

/** Tells a link that was made a moment ago. */
export function tellLink(self: Command, app: App, of: { link: MadeLink; user?: UserEntry; words: string }): void {
  const { json, url } = optionsOf<{ url?: string }>(self);
  const { link, user } = of;
  const address = linkUrl(url ?? browserUrl(app.config), link.token);
  const expires = link.expiresAt.toISOString();
  if (json) {
    writeJson({ ...(user ? { user } : {}), link: { purpose: link.purpose, url: address, expires_at: expires } });
    return;
  }
  writeTalk(`${of.words}\n`);
  writeOut(`${address}\n`);
  writeTalk(`It works once, until ${time(expires)}, and cannot be shown again.\n`);
}

/** The address of a server on this machine, as a browser of this machine writes it. */
export function browserUrl({ host, port }: { host: string; port: number }): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
