// Every place of the database where ciphertexts of the vault stand, each seen as rows of fields.

/** The places, as they are shown. */
export type SealedPlace = 'credentials' | 'webhook_secrets' | 'access_tokens' | 'token_attempts' | 'second_factors';

/** How a place is read and written; SQL over the table t, and n for what is written. */
export interface PlaceSql {
  table: string;
  /** The id that the ciphertexts are bound to. */
  owner: string;
  /** What tells rows of one owner apart. */
  part: string;
  /** jsonb: the field that each ciphertext is bound to → the ciphertext. */
  fields: string;
  /** Assignments from n.fields, and from n.described (what may be shown of each secret). */
  set: string;
}

const described = 'secrets_described = n.described || t.secrets_described';

/** All of them; a new column of ciphertexts belongs here, or a rotation would leave it behind. */
export const sealedPlaces: Readonly<Record<SealedPlace, PlaceSql>> = {
  credentials: {
    table: 'integration_source_configs',
    owner: 't.id',
    part: `''`,
    fields: objectOf('t.credentials_encrypted'),
    set: `credentials_encrypted = n.fields, ${described}`,
  },
  webhook_secrets: {
    table: 'integration_webhook_endpoints',
    owner: 't.id',
    part: `''`,
    fields: objectOf('t.secrets_encrypted'),
    set: `secrets_encrypted = n.fields, ${described}`,
  },
  access_tokens: {
    table: 'integration_access_tokens',
    owner: 't.config_id',
    part: 't.origin',
    fields: `jsonb_strip_nulls(jsonb_build_object('token_grant', t.grant_encrypted, 'access_token', t.access_encrypted,
      'refresh_token', t.refresh_encrypted))`,
    set: `grant_encrypted = n.fields ->> 'token_grant', access_encrypted = n.fields ->> 'access_token',
      refresh_encrypted = n.fields ->> 'refresh_token'`,
  },
  token_attempts: {
    table: 'integration_token_attempts',
    owner: 't.config_id',
    part: 't.origin',
    fields: `jsonb_build_object('token_grant', t.grant_encrypted)`,
    set: `grant_encrypted = n.fields ->> 'token_grant'`,
  },
  second_factors: {
    table: 'integration_users',
    owner: 't.id',
    part: `''`,
    fields: `jsonb_strip_nulls(jsonb_build_object('totp', t.totp_encrypted))`,
    set: `totp_encrypted = n.fields ->> 'totp'`,
  },
};

/** The places by name, in the order in which they are shown and rotated. */
export const placeNames = Object.keys(sealedPlaces) as SealedPlace[];

// What somebody else wrote there and is no object holds no ciphertext.
function objectOf(column: string): string {
  return `case when jsonb_typeof(${column}) = 'object' then ${column} else '{}' end`;
}
