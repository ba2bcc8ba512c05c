import { type PackedField, Schema, SchemaBuilder } from "@millrace/connect";
import type { Settings } from "../config/settings.ts";
import { SOURCE_SCHEMA, TRANSACTION_BLOCK } from "../events/source-schema.ts";
import { codecOf } from "../values/codecs.ts";
import type { ValueReader } from "../values/row-bytes.ts";
import type { ValueCodec } from "../values/value-codec.ts";
import { adjustFieldName, adjustSchemaName, topicName } from "./adjust-name.ts";
import type { CatalogTable } from "./catalog.ts";
import { changingReader, describeChange, maskOfNull } from "./column-change.ts";
import { defaultValue } from "./default-value.ts";
import { lengthLimit, type PgType, plainType } from "./pg-type.ts";
import { sourceTypeParameters } from "./source-type.ts";
import type { ShapeColumn, TableShape } from "./table-shape.ts";

/** A column as rows bring it: those of a snapshot as the catalog has them, those of the log as the log says. */
export interface RowColumn {
  readonly name: string;
  readonly type: PgType;
  readonly modifier: number;
}

export interface ShapeDeps {
  readonly settings: Settings;
  readonly table: CatalogTable;
  readonly columns: readonly RowColumn[];
}

interface BuiltColumn extends ShapeColumn {
  readonly field: string;
  readonly schema: Schema;
}

const LEFT_OUT: ValueReader = () => null;
const NO_FORM: PackedField = { form: "other" };

/** Keys, nullability and defaults are the catalog's of the moment, as the log does not have them. */
export function shapeTable({ settings, table, columns }: ShapeDeps): TableShape {
  const id = `${table.schema}.${table.name}`;
  const topic = topicName([settings.topicPrefix, table.schema, table.name], settings.topicDelimiter);
  const adjusted = (name: string) => adjustSchemaName(name, settings.schemaNames);
  const key = keyColumns(settings, table);
  const kept = columns.map((column) => keptCodec(settings, id, column));
  let index = 0;
  const built = columns.map((column, i): BuiltColumn | ShapeColumn => {
    const codec = kept[i]!;
    if (codec === null) return leftOut(column.name);
    return builtColumn({ settings, table, id, column, codec, index: index++ });
  });
  const present = built.filter((column): column is BuiltColumn => column.index >= 0);
  const value = SchemaBuilder.struct()
    .name(adjusted(`${topic}.Value`))
    .optional();
  if (settings.comments && table.comment !== null) value.doc(table.comment);
  for (const { field, schema } of present) value.field(field, schema);
  const valueSchema = value.build();
  const keyParts = key.flatMap((name) => present.find((column) => column.name === name) ?? []);
  const keySchema = SchemaBuilder.struct().name(adjusted(`${topic}.Key`));
  for (const { field, schema } of keyParts) keySchema.field(field, schema);
  return {
    oid: table.oid,
    schema: table.schema,
    name: table.name,
    id,
    topic,
    columns: built,
    fields: present,
    layout: present.map(({ packed }) => packed),
    keyLayout: keyParts.map(({ packed }) => packed),
    keySchema: keyParts.length === 0 ? null : keySchema.build(),
    keyIndexes: keyParts.map((column) => column.index),
    valueSchema,
    envelopeSchema: envelope(adjusted(`${topic}.Envelope`), valueSchema),
  };
}

function leftOut(name: string): ShapeColumn {
  return { name, index: -1, read: LEFT_OUT, packed: NO_FORM, missing: null, placeholder: null };
}

function keptCodec(settings: Settings, id: string, { name, type, modifier }: RowColumn): ValueCodec | null {
  return settings.capturesColumn(`${id}.${name}`) ? codecOf(type, modifier, settings.values) : null;
}

/** By message.key.columns as far as they are there, or else the table's key. */
export function keyColumns(settings: Settings, table: CatalogTable): readonly string[] {
  const id = `${table.schema}.${table.name}`;
  const wanted = settings.keyColumns.find((each) => each.table(id))?.columns ?? [];
  const there = wanted.filter((name) => table.columns.some((column) => column.name === name));
  return there.length === 0 ? table.key : there;
}

interface ColumnDeps {
  readonly settings: Settings;
  readonly table: CatalogTable;
  readonly id: string;
  readonly column: RowColumn;
  readonly codec: ValueCodec;
  readonly index: number;
}

function builtColumn({ settings, table, id, column, codec, index }: ColumnDeps): BuiltColumn {
  const full = `${id}.${column.name}`;
  const { type, modifier } = plainType(column.type, column.modifier);
  const known = table.columns.find((each) => each.name === column.name);
  const optional = !(known?.notNull ?? false);
  const rule = settings.columnRules.rule(full);
  const builder = codec.builder();
  const plain = codec.reader(builder.build());
  const byDefault = defaultValue(known?.default ?? null, type.kind === "e" ? "enum" : type.name, codec, plain);
  if (optional) builder.optional();
  if (rule !== null) describeChange(builder, rule);
  const propagates = settings.columnRules;
  if (propagates.propagatesColumn(full) || propagates.propagatesType(`${id}.${type.name}`)) {
    builder.parameters(sourceTypeParameters(column.name, type, modifier));
  }
  if (settings.comments && known?.comment) builder.doc(known.comment);
  if (byDefault !== undefined) builder.defaultValue(byDefault);
  const schema = builder.build();
  const read = codec.reader(schema);
  const required = optional ? null : (schema.default ?? codec.fallback(schema));
  const placeholder = codec.placeholder ?? (optional ? null : codec.fallback(schema));
  return {
    name: column.name,
    field: adjustFieldName(column.name, settings.fieldNames),
    index,
    schema,
    read: rule === null ? read : changingReader(read, rule, type.name, lengthLimit(type.name, modifier)),
    packed: rule === null ? (codec.packed ?? NO_FORM) : NO_FORM,
    missing: maskOfNull(rule, type.name) ?? required,
    placeholder: rule?.kind === "mask" ? (maskOfNull(rule, type.name) ?? placeholder) : placeholder,
  };
}

function envelope(name: string, value: Schema): Schema {
  return SchemaBuilder.struct()
    .name(name)
    .version(2)
    .field("before", value)
    .field("after", value)
    .field("source", SOURCE_SCHEMA)
    .field("transaction", TRANSACTION_BLOCK)
    .field("op", Schema.STRING)
    .field("ts_ms", Schema.OPTIONAL_INT64)
    .field("ts_us", Schema.OPTIONAL_INT64)
    .field("ts_ns", Schema.OPTIONAL_INT64)
    .build();
}
