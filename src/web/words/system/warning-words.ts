// What the server says needs a person, in German by its code; in English the server's own sentence is the one.
import { span } from '../../pages/system/times.ts';
import { counted } from '../say.ts';

type Facts = Readonly<Record<string, string | number>>;
type Said = (facts: Facts) => readonly [message: string, hint: string];

const secrets = (n: number) => counted(n, 'gespeichertes Geheimnis', 'gespeicherte Geheimnisse');
const inTheTable = 'Alle Einstellungen stehen in docs/reference/config.md.';

const german: Readonly<Record<string, Said>> = {
  schema_outdated: ({ pending }) => [
    `Die Datenbank wartet auf ${counted(Number(pending), 'Migration', 'Migrationen')}.`,
    '`tillsync migrate` ausführen.',
  ],
  schema_newer: () => [
    'Ein neueres tillsync hat diese Datenbank migriert; diese Version weiß nicht, was sich damit geändert hat.',
    'Die neuere Version starten, oder ein Backup von vor ihrer Migration einspielen.',
  ],
  database_not_adopted: () => [
    'In dieser Datenbank stehen Tabellen, die tillsync noch nicht übernommen hat.',
    '`tillsync migrate --dry-run` zeigt, was geschähe, dann `tillsync migrate`.',
  ],
  migration_changed: () => [
    'Eine Migration wurde geändert, nachdem diese Datenbank sie ausgeführt hatte.',
    'Die Datei wiederherstellen, wie sie war, und die Änderung in eine neue Migration schreiben.',
  ],
  keys_broken: ({ others }) => [
    `Ein Schlüssel der Tabellen ist kaputt: solange beginnt kein Sync.${others === 0 ? '' : ` Und noch ${others} weitere.`}`,
    'Der Tabellenarzt, oder `tillsync verify`, hat das SQL, das es in Ordnung bringt.',
  ],
  database_read_only: () => [
    'Aus dieser Datenbank lässt sich nur lesen: sie ist ein Standby.',
    'DATABASE_URL auf die primäre richten.',
  ],
  worker_none: () => [
    'Kein Worker lebt: Zeitpläne, Webhooks und wartende Syncs bleiben liegen.',
    'Einen starten: `tillsync start` bringt einen mit, `tillsync worker` ist einer.',
  ],
  worker_version: ({ worker, other, version }) => [
    `Der Worker ${worker} ist tillsync ${other}, dieser Server ist ${version}.`,
    'Beide auf eine Version bringen.',
  ],
  queue_slow: ({ seconds, active, slots }) => [
    `Der älteste Sync wartet schon ${time(seconds)}, ${active} von ${counted(Number(slots), 'Platz', 'Plätzen')} belegt.`,
    'Mehr Worker starten, oder TILLSYNC_WORKER_SLOTS erhöhen.',
  ],
  worker_silent: ({ worker, seconds }) => [
    `Vom Worker ${worker} war ${time(seconds)} lang nichts zu hören, und abgemeldet hat er sich nicht.`,
    'Woran er war, bekommen andere. Sein Log und seine Maschine ansehen; einen Tag nach dem letzten Zeichen ist er vergessen.',
  ],
  encryption_key_missing: () => [
    'Kein Schlüssel ist gesetzt: Zugangsdaten lassen sich weder speichern noch lesen.',
    'TILLSYNC_ENCRYPTION_KEY setzen (`openssl rand -base64 32`).',
  ],
  encryption_key_unknown: ({ id, count }) => [
    `Der Schlüssel ${id} fehlt; ohne ihn nicht lesbar: ${secrets(Number(count))}.`,
    'Ihn in TILLSYNC_ENCRYPTION_KEY_PREVIOUS nennen, oder diese Zugangsdaten neu setzen.',
  ],
  credential_unreadable: ({ count }) => [
    `Beschädigt, sodass kein Schlüssel sie öffnet: ${secrets(Number(count))}.`,
    'Neu setzen; `tillsync vault status` sagt, wo.',
  ],
  rotation_unfinished: ({ count }) => [
    `Der Wechsel des Schlüssels ist nicht fertig: ein älterer öffnet noch ${secrets(Number(count))}.`,
    '`tillsync vault rotate` ausführen; es macht weiter, wo es war.',
  ],
  login_superuser: ({ login }) => [
    `tillsync meldet sich als ${login} an, ein Superuser: mehr Rechte, als es braucht.`,
    'Ihm eine eigene Anmeldung geben, der nur seine Datenbank gehört.',
  ],
  row_security_missing: ({ login }) => [
    `Die Zeilenrechte gelten nicht überall: ${login} ist nicht an sie gebunden, oder darf nicht als tillsync_app handeln.`,
    '`tillsync verify` gibt das SQL aus, das es in Ordnung bringt.',
  ],
  clock_differs: ({ seconds, where }) => [
    `Die Uhr der Datenbank geht gegenüber diesem Server um ${time(seconds)} ${where === 'ahead' ? 'vor' : 'nach'}.`,
    'Beide nach demselben Zeitserver richten; Läufe gehen nach der Datenbank, keiner ist in Gefahr.',
  ],
  connections_scarce: ({ used, most }) => [
    `Von höchstens ${most} Verbindungen zu PostgreSQL sind ${used} belegt.`,
    'max_connections erhöhen, oder weniger Worker und Plätze laufen lassen.',
  ],
  retention_left: ({ count }) => [
    `Die letzte Aufbewahrung ist nicht fertig geworden: ${counted(Number(count), 'Quelle', 'Quellen')} übrig.`,
    'Der nächste Durchgang kommt darauf zurück; das Log des Workers sagt, warum.',
  ],
  setting_unknown: ({ name }) => [`${name} ist gesetzt, aber tillsync kennt diese Variable nicht.`, inTheTable],
  setting_weak: ({ name }) => [`${name} ist kürzer als 16 Zeichen und leicht zu erraten.`, inTheTable],
  setting_unreadable: ({ line }) => [
    `Zeile ${line} von .env ist nicht lesbar; NAME=Wert schreiben, und Anführungszeichen schließen.`,
    inTheTable,
  ],
};

function time(seconds: string | number | undefined): string {
  return span(Number(seconds));
}

interface Warning {
  code: string;
  message: string;
  hint: string;
  facts: Facts;
}

const asSent = ({ message, hint }: Warning) => [message, hint] as const;

/** Message and hint of each language; a code that is not known is told as the server said it. */
export const warningWords = {
  en: asSent,
  de: (warning: Warning) => german[warning.code]?.(warning.facts) ?? asSent(warning),
};
