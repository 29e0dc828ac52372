// Takes the parts of a file in their order, gives items and rejects, and knows at the end what the file proved.
import { type Formatted, type Kind, kinds } from '../../catalog/item.ts';
import { isObject } from '../../catalog/raw-fields.ts';
import type { DocumentProof, FormatContext } from '../connector.ts';
import { checkColumns, suggestColumns } from './columns.ts';
import { mapRow, type RowRules } from './map-row.ts';
import type { FileEnd, FilePart, FileRow } from './read/file-part.ts';
import { type Columns, readFormatSettings } from './settings.ts';

// Files whose rows have ever new members are suggested to anew instead of being remembered.
const mostShapes = 1_000;

export class RowMapper {
  private readonly rules: Omit<RowRules, 'columns'>;
  /** As the config says, or as the header was read; null = each row by its own members. */
  private columns: Columns | null;
  private readonly suggested = new Map<string, Columns>();
  private readonly present = new Set<Kind>();
  private unknownKinds = 0;
  private saysKind = false;

  /** Throws TillsyncError settings_invalid. */
  constructor({ params }: Pick<FormatContext, 'params'>) {
    const { columns, kind, decimal, currency } = readFormatSettings(params);
    this.columns = columns ?? null;
    this.rules = { kind, decimal: decimal ?? null, currency: currency ?? null };
  }

  /** Throws TillsyncError file_columns_missing at a header that lacks a column. */
  read(part: FilePart): Formatted | null {
    if (part.type === 'columns') {
      this.columns ??= suggestColumns(part.names);
      checkColumns(this.columns, part.names);
      return null;
    }
    if (part.type === 'kind') {
      this.saysKind = true;
      this.present.add(part.kind);
      return null;
    }
    const columns = this.columns ?? this.suggestFor(part);
    if (columns.kind !== undefined) this.saysKind = true;
    const { formatted, kind, kindUnknown } = mapRow(part, { ...this.rules, columns });
    if (kindUnknown) this.unknownKinds++;
    else this.present.add(kind);
    return formatted;
  }

  /** A file of one kind speaks of it also when it has no row; of several kinds only those that occur are spoken of. */
  prove({ complete, reason }: FileEnd): DocumentProof {
    if (!this.saysKind && this.columns?.kind === undefined) this.present.add(this.rules.kind);
    const kindsPresent = kinds.filter((kind) => this.present.has(kind));
    if (!complete) return { complete, kindsPresent, ...(reason === undefined ? {} : { reason }) };
    if (this.unknownKinds === 0) return { complete: true, kindsPresent };
    return {
      complete: false,
      reason: `of ${this.unknownKinds} rows it is not known what they are`,
      kindsPresent,
    };
  }

  private suggestFor({ values }: FileRow): Columns {
    const names = isObject(values) ? Object.keys(values) : [];
    const shape = names.join('\u0001');
    const known = this.suggested.get(shape);
    if (known !== undefined) return known;
    const columns = suggestColumns(names);
    if (this.suggested.size < mostShapes) this.suggested.set(shape, columns);
    return columns;
  }
}
