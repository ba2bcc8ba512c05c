import { createHash } from "node:crypto";
import type { SchemaBuilder } from "@millrace/connect";
import type { ColumnRule } from "../config/column-rules.ts";
import { readString, type ValueReader } from "../values/row-bytes.ts";

/** Only text is masked, cut or hashed. */
const CHARACTERS = new Set(["bpchar", "varchar", "text", "name"]);

export function describeChange(builder: SchemaBuilder, rule: ColumnRule): void {
  if (rule.kind === "truncate") builder.parameter("truncateLength", String(rule.length));
  else builder.parameter("masked", "true");
}

/** `length`: the column's own limit, null for none. */
export function changingReader(
  read: ValueReader,
  rule: ColumnRule,
  typeName: string,
  length: number | null,
): ValueReader {
  if (!CHARACTERS.has(typeName)) return read;
  switch (rule.kind) {
    case "mask":
      return () => rule.text;
    case "truncate":
      return (...at) => readString(...at).slice(0, rule.length);
    case "hash":
      return (...at) => hash(rule, readString(...at)).slice(0, length ?? Number.POSITIVE_INFINITY);
  }
}

/** A mask stands even where there is no value. */
export function maskOfNull(rule: ColumnRule | null, typeName: string): string | null {
  return rule?.kind === "mask" && CHARACTERS.has(typeName) ? rule.text : null;
}

function hash(rule: Extract<ColumnRule, { kind: "hash" }>, text: string): string {
  const value = rule.version === 1 ? serialised(text) : Buffer.from(text);
  return createHash(rule.algorithm).update(rule.salt).update(value).digest("hex");
}

/** As Java serialises a String. */
function serialised(text: string): Buffer {
  const bytes = Buffer.from(text);
  const long = bytes.length > 0xffff;
  const head = Buffer.alloc(long ? 13 : 7);
  head.writeUInt32BE(0xaced0005, 0);
  head[4] = long ? 0x7c : 0x74;
  if (long) head.writeBigUInt64BE(BigInt(bytes.length), 5);
  else head.writeUInt16BE(bytes.length, 5);
  return Buffer.concat([head, bytes]);
}
