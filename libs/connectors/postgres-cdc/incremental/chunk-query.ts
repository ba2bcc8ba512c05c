// Pure: the queries of an incremental snapshot.
import { quoteName, quoteText } from "../wire/pg-connection.ts";
import type { KeyParts } from "./java-keys.ts";

/** A column the table is walked along. */
export interface ChunkColumn {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
}

export interface ChunkTable {
  readonly schema: string;
  readonly name: string;
  /** At least one. */
  readonly keys: readonly ChunkColumn[];
  /** Columns that are read, in the order of the shape. */
  readonly columns: readonly string[];
  /** SQL; null: all rows. */
  readonly condition: string | null;
}

export interface ChunkRange {
  /** The last key read; null: from the beginning. */
  readonly after: KeyParts | null;
  readonly upTo: KeyParts | null;
}

/** The table's columns, then the keys once more as text. */
export function chunkQuery(table: ChunkTable, range: ChunkRange, rowsMax: number): string {
  const { keys, columns, condition } = table;
  const shown = [...columns.map(quoteName), ...keys.map(({ name }) => `${quoteName(name)}::text`)].join(", ");
  const bounds =
    range.after === null || range.upTo === null
      ? []
      : [`(${beyond(keys, range.after)})`, `NOT (${beyond(keys, range.upTo)})`];
  const order = keys.map((key) => ordered(table, key)).join(", ");
  return `SELECT ${shown} FROM ${tableName(table)}${where([...bounds, ...given(condition)])} ORDER BY ${order} LIMIT ${rowsMax}`;
}

/** The key where the snapshot will end. */
export function maximumQuery(table: ChunkTable): string {
  const { keys, condition } = table;
  const shown = keys.map(({ name }, i) => `${quoteName(name)}::text AS k${i}`).join(", ");
  const order = keys.map((key) => `${ordered(table, key)} DESC`).join(", ");
  return `SELECT ${shown} FROM ${tableName(table)}${where(given(condition))} ORDER BY ${order} LIMIT 1`;
}

/** Not the output column of that name, which is text. */
function ordered({ name }: ChunkTable, key: ChunkColumn): string {
  return `${quoteName(name)}.${quoteName(key.name)}`;
}

/** Nulls come last. */
function beyond(keys: readonly ChunkColumn[], key: KeyParts): string {
  if (keys.every(({ optional }) => !optional)) {
    const names = keys.map(({ name }) => quoteName(name)).join(", ");
    const values = key.map((part) => quoteText(part ?? "")).join(", ");
    return keys.length === 1 ? `${names} > ${values}` : `ROW(${names}) > ROW(${values})`;
  }
  const steps = keys.map(({ name, optional }, i) => {
    const part = key[i] ?? null;
    const equal = keys
      .slice(0, i)
      .map((each, j) =>
        key[j] === null ? `${quoteName(each.name)} IS NULL` : `${quoteName(each.name)} = ${literal(key[j])}`,
      );
    if (part === null) return [...equal, "false"].join(" AND ");
    const greater = `${quoteName(name)} > ${quoteText(part)}`;
    return [...equal, optional ? `(${greater} OR ${quoteName(name)} IS NULL)` : greater].join(" AND ");
  });
  return steps.map((step) => `(${step})`).join(" OR ");
}

function literal(part: string | null | undefined): string {
  return quoteText(part ?? "");
}

function given(condition: string | null): string[] {
  return condition === null ? [] : [`(${condition})`];
}

function where(terms: readonly string[]): string {
  return terms.length === 0 ? "" : ` WHERE ${terms.join(" AND ")}`;
}

function tableName({ schema, name }: ChunkTable): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}
