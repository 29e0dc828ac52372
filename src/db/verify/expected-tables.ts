// What each of our tables must have, and how a table is known to be ours and not the original's.
import type { ExpectedColumns } from '../schema/describe-columns.ts';
import generated from '../schema/expected-columns.json' with { type: 'json' };

/** Table → column → its SQL; written by scripts/write-schema.ts. */
export const expectedColumns: ExpectedColumns = generated;

/** Table → the column without which it is the original's, not yet adopted. */
export const markerColumns: Readonly<Record<string, string>> = {
  integration_products: 'content_hash',
  integration_modifiers: 'content_hash',
  integration_discounts: 'content_hash',
  integration_source_configs: 'credentials_encrypted',
  wand_integration_sources: 'identity_key',
  integration_sync_history: 'lease_token',
};

/** The type of a column without default and NOT NULL. */
export function expectedType(definition: string): string {
  return definition.replace(/ (default|generated) .*$/, '').replace(/ not null$/, '');
}
