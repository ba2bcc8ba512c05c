// Pure: settings that change the values or the schema of single columns.
import type { TaskConfig } from "@millrace/connect";
import { anyOf, type Matches, splitList } from "./patterns.ts";

/** What is done to a text column's values. */
export type ColumnRule =
  | { readonly kind: "mask"; readonly text: string }
  | { readonly kind: "truncate"; readonly length: number }
  | { readonly kind: "hash"; readonly algorithm: string; readonly salt: string; readonly version: 1 | 2 };

export interface ColumnRules {
  /** By `schema.table.column`; the last rule that matches, or null. */
  rule(column: string): ColumnRule | null;
  propagatesColumn(column: string): boolean;
  propagatesType(type: string): boolean;
}

const HASH = /^column\.mask\.hash(\.v2)?\.([^.]+)\.with\.salt\.(.+)$/;
const MASK = /^column\.mask\.with\.(\d+)\.chars$/;
const TRUNCATE = /^column\.truncate\.to\.(\d+)\.chars$/;

export function columnRules(config: TaskConfig): ColumnRules {
  const rules: { readonly matches: Matches; readonly rule: ColumnRule }[] = [];
  for (const [key, value] of Object.entries(config)) {
    const rule = ruleOf(key);
    if (rule !== null) rules.push({ matches: anyOf(splitList(value)), rule });
  }
  return {
    rule: (column) => rules.findLast(({ matches }) => matches(column))?.rule ?? null,
    propagatesColumn: anyOf(splitList(config["column.propagate.source.type"] ?? null)),
    propagatesType: anyOf(splitList(config["datatype.propagate.source.type"] ?? null)),
  };
}

function ruleOf(key: string): ColumnRule | null {
  const mask = MASK.exec(key);
  if (mask !== null) return { kind: "mask", text: "*".repeat(Number(mask[1])) };
  const truncate = TRUNCATE.exec(key);
  if (truncate !== null) return { kind: "truncate", length: Number(truncate[1]) };
  const hash = HASH.exec(key);
  if (hash === null) return null;
  return { kind: "hash", algorithm: hash[2]!, salt: hash[3]!, version: hash[1] === undefined ? 1 : 2 };
}
