// The vault: which keys the stored secrets need, for who administers the whole system; never a key, never a secret.
import { createRoute, z } from '@hono/zod-openapi';
import { placeNames } from '../../../records/vault/sealed-places.ts';
import { type VaultStatus, vaultStatus } from '../../../sync/vault/vault-status.ts';
import type { ApiApp } from '../api-given.ts';
import { permits } from '../guards/permit.ts';
import { json, problems } from '../routes/responses.ts';
import { noQuery } from '../schemas/paging.ts';

const keyId = z.string().openapi({ description: 'First 8 hex digits of the SHA-256 of a key.' });

const vaultSchema = z
  .object({
    active_key: keyId,
    known_keys: z.array(keyId).openapi({ description: 'Keys that decrypt, the active one among them.' }),
    secrets: z.array(
      z.object({
        place: z.enum(placeNames),
        key_id: z.string().nullable().openapi({ description: 'null = no key opens these: damaged.' }),
        secrets: z.int(),
      }),
    ),
    missing_keys: z
      .array(z.object({ key_id: z.string(), secrets: z.int(), configs: z.array(z.string()) }))
      .openapi({ description: 'Keys that stored secrets need and that are not here, with some of the configs.' }),
    idle_keys: z.array(keyId).openapi({ description: 'Keys that nothing needs any more; they can be retired.' }),
    damaged: z.int(),
  } satisfies Record<keyof VaultStatus, z.ZodType>)
  .openapi('Vault');

const statusRoute = createRoute({
  ...permits('system'),
  method: 'get',
  path: '/v1/vault',
  summary: 'The encryption keys by their ids, and how many secrets each opens',
  tags: ['vault'],
  request: { query: noQuery },
  responses: { 200: json('The keys.', vaultSchema), ...problems },
});

/** Registers the route of the vault. */
export function addVaultRoute(app: ApiApp): void {
  app.openapi(statusRoute, async (context) => context.json(await vaultStatus(context.get('given').deps), 200));
}
