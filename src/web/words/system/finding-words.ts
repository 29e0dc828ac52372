// What the schema doctor finds, in German by its rule; which column, index or role it is, the server's own sentence says below.

const ofTable = (table: string | null) => (table === null ? '' : ` (${table})`);

const german: Readonly<Record<string, string>> = {
  server_version: 'Dieses PostgreSQL ist zu alt: tillsync braucht 15 oder neuer',
  server_read_only: 'Diese Datenbank lässt sich nur lesen',
  table_missing: 'Eine Tabelle fehlt',
  table_unadopted: 'Eine Tabelle des ursprünglichen Programms ist noch nicht übernommen',
  column_missing: 'Eine Spalte fehlt',
  column_type: 'Eine Spalte hat den falschen Typ: Werte würden anders verglichen oder gerundet',
  column_nullable: 'Eine Spalte lässt NULL zu: andere Programme könnten Zeilen ohne Schlüssel speichern',
  privilege_missing: 'Der Anmeldung fehlen Rechte an einer Tabelle',
  row_security: 'Zeilenrechte verbergen Zeilen: eine verborgene würde für eine neue gehalten',
  row_security_missing: 'Rollen für die Zeilenrechte fehlen, oder die Anmeldung darf nicht als sie handeln',
  row_security_off: 'Nicht alle Tabellen stehen unter Zeilenrechten',
  key_missing: 'Der eindeutige Schlüssel fehlt: Speichern würde anhalten',
  key_renamed: 'Der eindeutige Schlüssel heißt anders als erwartet',
  key_invalid: 'Der Index des Schlüssels ist ungültig: sein Aufbau ist gescheitert',
  key_expression: 'Der Schlüssel ist über einen Ausdruck eindeutig statt über die Spalten',
  key_columns: 'Der Schlüssel steht auf anderen Spalten',
  key_partial: 'Der Schlüssel gilt nur für einen Teil der Zeilen',
  key_deferrable: 'Der Schlüssel ist aufschiebbar und kann nicht über Konflikte entscheiden',
  key_nulls_distinct:
    'Der Schlüssel hält zwei NULL für verschieden: jeder Sync würde solche Zeilen noch einmal speichern',
  key_column_order: 'Die Spalten des Schlüssels stehen in anderer Folge: Syncs lesen den ganzen Index',
  key_not_constraint: 'Der Schlüssel ist ein Index ohne Constraint',
  key_include: 'Der Schlüssel trägt den Fingerabdruck nicht: Syncs lesen die Tabelle statt des Index',
  key_extra: 'Ein weiterer eindeutiger Schlüssel kann ein ganzes Speichern anhalten',
  key_leftover: 'Ein unfertiger Index blieb zurück und kann noch Zeilen abweisen',
  twin_check_missing: 'Nichts hält source_id und wand_source_id gleich',
  key_null: 'Zeilen haben NULL in einer Spalte des Schlüssels',
  key_duplicate: 'Ein Schlüssel steht in mehr als einer Zeile',
  index_missing: 'Ein Index fehlt: Lesen wird langsam',
  index_invalid: 'Ein Index ist ungültig: Lesen wird langsam',
  trigger_missing: 'Ein Trigger fehlt: was andere Programme schreiben, sieht der nächste Sync nicht',
  trigger_disabled: 'Ein Trigger ist aus: was andere Programme schreiben, sieht der nächste Sync nicht',
  view_missing: 'Eine View für Leser fehlt',
  credentials_plaintext: 'Zugangsdaten stehen im Klartext: `tillsync migrate` verschlüsselt sie',
  policy_open: 'Eine Policy gilt für alle: wer den öffentlichen Schlüssel hat, darf die Tabelle benutzen',
  identity_unknown: 'Die Identität einer Quelle ist nicht bekannt: die Angaben ihrer Integration vervollständigen',
};

interface Finding {
  rule: string;
  table: string | null;
}

/** The sentence of each language; null = the server's own is the one. */
export const findingWords = {
  en: (_finding: Finding): string | null => null,
  de: ({ rule, table }: Finding): string | null => {
    const sentence = german[rule];
    return sentence === undefined ? null : `${sentence}${ofTable(table)}.`;
  },
};
