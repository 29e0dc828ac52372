// One finding of the doctor: a rule, a sentence, and the SQL that repairs it.

export type Severity = 'error' | 'warning';

export interface Finding {
  /** Stable, snake_case; docs/reference/verify.md explains each. */
  rule: Rule;
  severity: Severity;
  /** The table it is about; null for the server. */
  table: string | null;
  /** One sentence that names the thing and says what would happen. */
  message: string;
  /** Exact SQL, statements end with `;` and a line break between; null where no SQL repairs it. */
  sql: string | null;
  /** Up to five keys or names. */
  examples: string[];
}

export type Rule =
  | 'server_version'
  | 'server_read_only'
  | 'table_missing'
  | 'table_unadopted'
  | 'column_missing'
  | 'column_type'
  | 'column_nullable'
  | 'privilege_missing'
  | 'row_security'
  | 'row_security_missing'
  | 'row_security_off'
  | 'key_missing'
  | 'key_renamed'
  | 'key_invalid'
  | 'key_expression'
  | 'key_columns'
  | 'key_partial'
  | 'key_deferrable'
  | 'key_nulls_distinct'
  | 'key_column_order'
  | 'key_not_constraint'
  | 'key_include'
  | 'key_extra'
  | 'key_leftover'
  | 'twin_check_missing'
  | 'key_null'
  | 'key_duplicate'
  | 'index_missing'
  | 'index_invalid'
  | 'trigger_missing'
  | 'trigger_disabled'
  | 'view_missing'
  | 'credentials_plaintext'
  | 'policy_open'
  | 'identity_unknown';

/** An error with everything that is often empty filled in. */
export function problem(
  rule: Rule,
  table: string | null,
  said: { message: string; sql?: string | null; examples?: string[]; severity?: Severity },
): Finding {
  return {
    rule,
    severity: said.severity ?? 'error',
    table,
    message: said.message,
    sql: said.sql ?? null,
    examples: said.examples ?? [],
  };
}
