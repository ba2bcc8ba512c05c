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
    sequence(commitLsn, lsn),
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

const MILLION = 1e6;
const THREE_DIGITS = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, "0"));
const LAST_DIGITS = THREE_DIGITS.map((digits) => `${digits}"]`);
/** How the last sequence began: one after the other mostly begins like it. */
let known: { readonly commitLsn: number | null; readonly millions: number; readonly text: string } | null = null;

/**
 * Both places in decimal digits, as JSON. Not by `String` of each: V8 keeps the texts of the last 16,000 numbers it was asked for, long
 * enough for collections of young objects to copy each of them twice.
 */
function sequence(commitLsn: number | null, lsn: number): string {
  if (lsn < MILLION) return `${sequenceStart(commitLsn)}${lsn}"]`;
  const low = lsn % MILLION;
  const millions = (lsn - low) / MILLION;
  if (known === null || known.millions !== millions || known.commitLsn !== commitLsn) {
    known = { commitLsn, millions, text: `${sequenceStart(commitLsn)}${millions}` };
  }
  return known.text + THREE_DIGITS[Math.floor(low / 1000)] + LAST_DIGITS[low % 1000];
}

function sequenceStart(commitLsn: number | null): string {
  return commitLsn === null ? '[null,"' : `["${commitLsn}","`;
}
