// Pure: the messages of pgoutput, version 1, but for rows.
import { readLsn } from "../wire/messages.ts";

export const CHANGE = {
  begin: 66,
  commit: 67,
  relation: 82,
  type: 89,
  insert: 73,
  update: 85,
  delete: 68,
  truncate: 84,
  message: 77,
  origin: 79,
} as const;

/** Of messages in the log that this connector writes for itself. */
export const HEARTBEAT_PREFIX = "millrace.heartbeat";

/** Microseconds from 1970 to 2000, where Postgres counts from. */
const EPOCH_US = 946_684_800_000_000;

export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly typeOid: number; readonly modifier: number }[];
}

export interface LogicalMessage {
  readonly transactional: boolean;
  readonly prefix: string;
  readonly content: Uint8Array;
}

/** Microseconds since 1970. */
export function readTimeUs(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 4_294_967_296 + bytes.readUInt32BE(at + 4) + EPOCH_US;
}

/** `at` is behind the message's type. */
export function readRelation(bytes: Buffer, at: number): Relation {
  const oid = bytes.readUInt32BE(at);
  const schemaEnd = bytes.indexOf(0, at + 4);
  const nameEnd = bytes.indexOf(0, schemaEnd + 1);
  const schema = bytes.toString("utf8", at + 4, schemaEnd) || "pg_catalog";
  const name = bytes.toString("utf8", schemaEnd + 1, nameEnd);
  // Behind the replica identity.
  const columns: Relation["columns"][number][] = new Array(bytes.readUInt16BE(nameEnd + 2));
  let position = nameEnd + 4;
  for (let i = 0; i < columns.length; i++) {
    const end = bytes.indexOf(0, position + 1);
    columns[i] = {
      name: bytes.toString("utf8", position + 1, end),
      typeOid: bytes.readUInt32BE(end + 1),
      modifier: bytes.readInt32BE(end + 5),
    };
    position = end + 9;
  }
  return { oid, schema, name, columns };
}

export function readTruncate(bytes: Buffer, at: number): number[] {
  const oids = new Array<number>(bytes.readUInt32BE(at));
  for (let i = 0; i < oids.length; i++) oids[i] = bytes.readUInt32BE(at + 5 + i * 4);
  return oids;
}

export function readMessage(bytes: Buffer, at: number): LogicalMessage {
  const prefixEnd = bytes.indexOf(0, at + 9);
  const length = bytes.readUInt32BE(prefixEnd + 1);
  return {
    transactional: (bytes[at]! & 1) === 1,
    prefix: bytes.toString("utf8", at + 9, prefixEnd),
    content: Buffer.from(bytes.subarray(prefixEnd + 5, prefixEnd + 5 + length)),
  };
}

export function readOrigin(bytes: Buffer, at: number): { readonly lsn: number; readonly name: string } {
  return { lsn: readLsn(bytes, at), name: bytes.toString("utf8", at + 8, bytes.indexOf(0, at + 8)) };
}
