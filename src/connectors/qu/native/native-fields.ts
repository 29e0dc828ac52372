// The params of the native form; they mean nothing in the intermediary form.
import { z } from 'zod';

/** An id that may be given as a number. */
export const idText = z.union([z.string().min(1), z.number()]).transform(String);

export const nativeFields = {
  gateway_url: z
    .string()
    .optional()
    .describe('Native form: address of the gateway; default https://gateway-api.qubeyond.com/api/v4.')
    .meta({ title: 'Gateway address' }),
  location_id: idText
    .optional()
    .describe('Native form: LocationId at Qu; default the establishment.')
    .meta({ title: 'Location id' }),
  order_channel_id: idText
    .optional()
    .describe('Native form: OrderChannelId, whose menu is read.')
    .meta({ title: 'Order channel id' }),
  order_type_id: idText
    .optional()
    .describe('Native form: OrderTypeId, whose menu is read.')
    .meta({ title: 'Order type id' }),
  integration_id: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without spaces')
    .optional()
    .describe('Native form: id of your integration at Qu, sent as X-Integration.')
    .meta({ title: 'Integration id' }),
  item_types: z
    .array(idText)
    .min(1)
    .default(['1'])
    .describe('Native form: itemType of the nodes that are sold; all other nodes only hold them.')
    .meta({ title: 'Item types that are sold' }),
  group_prefixes: z
    .array(z.string().min(1))
    .default([])
    .describe('Native form: nodes whose title begins so only hold others, whatever their itemType says.')
    .meta({ title: 'Titles of groups' }),
};

/** What the native form cannot do without, beside its secrets. */
export const nativeNeeds = ['order_channel_id', 'order_type_id', 'integration_id'] as const;
