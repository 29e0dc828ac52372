// Items, sources, connectors and the hierarchy, as the API answers them.
import { z } from '@hono/zod-openapi';
import type { ShownConnector } from '../../../connectors/describe-connector.ts';
import type { ItemEvent, ItemHistory } from '../../../records/items/read-item-history.ts';
import type { ShownLocation, StoredItem } from '../../../records/items/stored-item.ts';
import type { SourceOverview } from '../../../records/sources/source.ts';
import type { RetiredSource } from '../../../sync/hierarchy/retire-source.ts';
import { decimalSchema, timeSchema } from './paging.ts';
import { kindSchema } from './run-schema.ts';

export const itemSchema = z
  .object({
    kind: kindSchema,
    id: z.string(),
    source_id: z.string(),
    config_id: z.string().nullable(),
    external_id: z.string(),
    path_id: z.string().nullable(),
    name: z.string().nullable(),
    item_type: z.string().nullable(),
    modifier_group_id: z.string().nullable(),
    modifier_group_name: z.string().nullable(),
    discount_amount: decimalSchema.nullable(),
    discount_percent: decimalSchema.nullable(),
    price: decimalSchema.nullable(),
    currency: z.string().nullable(),
    is_available: z.boolean().nullable(),
    site_id: z.int().nullable(),
    last_synced_at: timeSchema.nullable().openapi({ description: 'When a run last saw it.' }),
    created_at: timeSchema,
    updated_at: timeSchema,
    removed_at: timeSchema.nullable().openapi({ description: 'When it left the POS; null = live.' }),
    created_run_id: z.string().nullable(),
    last_run_id: z.string().nullable(),
  } satisfies Record<keyof StoredItem, z.ZodType>)
  .openapi('Item');

const itemLocationSchema = z
  .object({
    location_id: z.string(),
    site_id: z.int().nullable(),
    price: decimalSchema.nullable().openapi({ description: 'null = the item’s own price holds.' }),
    currency: z.string().nullable(),
    is_available: z.boolean().nullable(),
    present: z.boolean().openapi({ description: 'Whether the location has the item at all.' }),
  } satisfies Record<keyof ShownLocation, z.ZodType>)
  .openapi('ItemLocation');

export const itemWithDataSchema = itemSchema
  .extend({
    locations: z.array(itemLocationSchema).openapi({ description: 'Those that differ; [] = everywhere the same.' }),
    data: z.unknown().openapi({ description: 'The item as the POS gave it.' }),
  })
  .openapi('ItemWithData');

const eventSchema = z.object({
  at: timeSchema,
  run_id: z.string().nullable(),
  operation: z.enum(['created', 'updated', 'removed', 'restored']),
  fields: z.record(z.string(), z.array(z.unknown())),
} satisfies Record<keyof ItemEvent, z.ZodType>);

export const itemHistorySchema = z
  .object({
    kind: kindSchema,
    source_id: z.string(),
    external_id: z.string(),
    path_id: z.string().nullable(),
    name: z.string().nullable(),
    events: z.array(eventSchema).openapi({ description: 'Oldest first.' }),
  } satisfies Record<keyof ItemHistory, z.ZodType>)
  .openapi('ItemHistory');

const itemCount = z.object({ live: z.int(), removed: z.int() });

export const sourceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    connector_id: z.string(),
    origin: z.string().nullable(),
    identity: z.record(z.string(), z.string()).nullable(),
    retired_at: timeSchema.nullable(),
    created_at: timeSchema,
    updated_at: timeSchema,
    last_synced_at: timeSchema.nullable(),
    removals_checked_at: timeSchema.nullable(),
    items: z.object({ products: itemCount, modifiers: itemCount, discounts: itemCount }),
    configs: z.array(z.object({ id: z.string(), name: z.string(), is_active: z.boolean() })),
  } satisfies Record<keyof SourceOverview, z.ZodType>)
  .openapi('Source');

export const retiredSourceSchema = z
  .object({
    source_id: z.string(),
    name: z.string(),
    items: z.object({ products: z.int(), modifiers: z.int(), discounts: z.int() }),
  } satisfies Record<keyof RetiredSource, z.ZodType>)
  .openapi('RetiredSource');

const optionalName = z.string().nullable();

export const connectorSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    version: z.int(),
    identity: z.array(z.string()).openapi({ description: 'Params that make the identity of a source.' }),
    finds_identity: z.boolean().openapi({ description: 'Its test asks the POS for identity params that are not set.' }),
    secret_fields: z.array(z.string()),
    address_fields: z
      .array(z.string())
      .openapi({ description: 'Settings that name the address of the POS, where it has none of its own.' }),
    secret_needs: z
      .array(z.object({ when: z.record(z.string(), z.string()), secrets: z.array(z.string()) }))
      .openapi({ description: 'The secrets that are needed with these choices of settings; {} = always.' }),
    removal: z
      .enum(['absence', 'tombstone', 'never'])
      .openapi({ description: 'How it learns that an item is gone: it is absent, the POS says so, or not at all.' }),
    incremental: z
      .object({ cursor: optionalName, probe: optionalName })
      .openapi({ description: 'What it remembers to read changes only, and to ask whether there are any.' }),
    webhooks: z.boolean(),
    webhook_secrets: z.array(z.string()),
    lists_locations: z.boolean(),
    per_location: z.boolean().openapi({ description: 'One source serves several locations.' }),
    takes_files: z.boolean().openapi({ description: 'It reads files that people bring: they are imported.' }),
    demo: z.boolean(),
    settings: z.record(z.string(), z.unknown()).openapi({ description: 'JSON Schema of the params.' }),
  } satisfies Record<keyof ShownConnector, z.ZodType>)
  .openapi('Connector');

export const conceptSchema = z.object({ id: z.int(), name: z.string(), created_at: timeSchema }).openapi('Concept');
export const companySchema = z
  .object({ id: z.int(), concept_id: z.int().nullable(), name: z.string(), created_at: timeSchema })
  .openapi('Company');
export const siteSchema = z
  .object({ id: z.int(), company_id: z.int().nullable(), name: z.string(), created_at: timeSchema })
  .openapi('Site');
