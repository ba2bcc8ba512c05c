// Pure: makes the `source` of events.
import { type PackedLayout, Struct } from "@millrace/connect";
import { FixedRow } from "./fixed-row.ts";
import { SOURCE_SCHEMA } from "./source-schema.ts";

export interface SourceNames {
  readonly version: string;
  readonly name: string;
  readonly database: string;
}

/** What all events of a transaction share. */
export interface CommitTime {
  readonly ms: number;
  readonly us: number;
  readonly ns: bigint;
}

export interface SourceParts {
  readonly time: CommitTime;
  /** Null for streamed events. Those of an incremental snapshot have no `lsn` but in their sequence. */
  readonly snapshot: string | null;
  readonly commitLsn: number | null;
  readonly schema: string;
  readonly table: string;
  readonly txId: number | null;
  readonly lsn: number;
  readonly xmin: number | null;
  readonly origin: string | null;
  readonly originLsn: number | null;
}

export function timeOf(us: number): CommitTime {
  return { ms: Math.floor(us / 1000), us, ns: BigInt(us) * 1000n };
}

export function sourceBlock(names: SourceNames, parts: SourceParts): Struct {
  return Struct.of(SOURCE_SCHEMA, sourceValues(names, parts));
}

/** What many events share. */
export function fixedSource(names: SourceNames, parts: SourceParts): FixedRow {
  return new FixedRow(NO_FORMS, sourceValues(names, parts));
}

const NO_FORMS: PackedLayout = SOURCE_SCHEMA.fields.map(() => ({ form: "other" }));

function sourceValues(names: SourceNames, parts: SourceParts): unknown[] {
  const { time, commitLsn, lsn } = parts;
  return [
    names.version,
    "postgresql",
    names.name,
    time.ms,
    parts.snapshot,
    names.database,
    commitLsn === null ? `[null,"${lsn}"]` : `["${commitLsn}","${lsn}"]`,
    time.us,
    time.ns,
    parts.schema,
    parts.table,
    parts.txId,
    parts.snapshot === "incremental" ? null : lsn,
    parts.xmin,
    parts.origin,
    parts.originLsn,
  ];
}
