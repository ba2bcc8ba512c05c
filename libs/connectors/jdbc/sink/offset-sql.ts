// Pure: the statements that keep offsets in the target. Names and numbers are ours, so they stand in the text.
import type { SinkTopicPartition } from "@millrace/connect";
import type { Product } from "../connection/jdbc-url.ts";
import type { StoredOffset } from "./offset-table.ts";

export interface OffsetSql {
  readonly table: string;
  readonly probe: string;
  raiseEpoch(partition: SinkTopicPartition): string;
  insert(partition: SinkTopicPartition): string;
  read(partition: SinkTopicPartition): string;
  /** Changes as many rows as offsets are given, or fewer where an epoch has passed. */
  advance(offsets: readonly StoredOffset[]): string;
}

/** Postgres takes 63 bytes in a name, the others more. */
const NAME_LENGTH_MAX = 63;
const PREFIX = "millrace_sink_";

export function offsetSql(connector: string, product: Product): OffsetSql {
  const table = quoteName(offsetTableName(connector), product);
  const where = ({ topic, partition }: SinkTopicPartition) => `topic = ${quoted(topic)} AND part = ${partition}`;
  return {
    table,
    probe: `SELECT COUNT(*) FROM ${table} WHERE 1 = 0`,
    raiseEpoch: (partition) => `UPDATE ${table} SET epoch = epoch + 1 WHERE ${where(partition)}`,
    insert: ({ topic, partition }) =>
      `INSERT INTO ${table} (topic, part, next_offset, epoch) VALUES (${quoted(topic)}, ${partition}, -1, 1)`,
    read: (partition) => `SELECT next_offset, epoch FROM ${table} WHERE ${where(partition)}`,
    advance: (offsets) => {
      const cases = offsets.map((each) => `WHEN ${where(each)} THEN ${each.next ?? -1}`).join(" ");
      const rows = offsets.map((each) => `(${where(each)} AND epoch = ${each.epoch})`).join(" OR ");
      // Changed even where the offset stays, so that every database counts it.
      return `UPDATE ${table} SET next_offset = CASE ${cases} ELSE next_offset END, writes = writes + 1 WHERE ${rows}`;
    },
  };
}

export function createOffsets(table: string, product: Product): string {
  const [text, int, long] =
    product === "oracle" ? ["VARCHAR2(249)", "NUMBER(10)", "NUMBER(19)"] : ["VARCHAR(249)", "INTEGER", "BIGINT"];
  // MySQL takes keys by letter case only where told so, and topics differ by it.
  const exact = product === "mysql" ? `${text} CHARACTER SET ascii COLLATE ascii_bin` : text;
  return (
    `CREATE TABLE ${table} (topic ${exact} NOT NULL, part ${int} NOT NULL, next_offset ${long} NOT NULL, ` +
    `epoch ${long} NOT NULL, writes ${long} DEFAULT 0 NOT NULL, PRIMARY KEY (topic, part))`
  );
}

/** Letters, digits and underscores; where that loses something, a number made of the name keeps names apart. */
export function offsetTableName(connector: string): string {
  const plain = PREFIX + connector.toLowerCase().replace(/[^a-z0-9_]/g, "_");
  const isExact = plain === PREFIX + connector && plain.length <= NAME_LENGTH_MAX;
  return isExact ? plain : `${plain.slice(0, NAME_LENGTH_MAX - 9)}_${hash(connector)}`;
}

/** FNV-1a, 8 hexadecimal digits. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, "0");
}

function quoteName(name: string, product: Product): string {
  if (product === "mysql") return `\`${name}\``;
  return product === "sqlserver" ? `[${name}]` : `"${name}"`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
