// Pure: a record of a dead letter queue, and what its headers tell.
import type { ConsumedRecord, RecordHeader } from "@millrace/kafka";
import type { DeadLetter, LetterBytes, LetterEdit, LetterError } from "@millrace/protocol";

/** A dead letter as it lies in its topic. */
export interface Letter {
  readonly record: ConsumedRecord;
  readonly group: string;
  readonly error: LetterError;
  readonly replayed: boolean;
}

const PREFIX = "__connect.errors.";
const utf8 = new TextDecoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const shownBytesMax = 8_192;

export function toLetter(record: ConsumedRecord, replayed: boolean): Letter {
  const error = errorOf(record);
  return { record, error, group: groupId(error), replayed };
}

/** The connector that this letter names; null when it names none. Several may share one queue. */
export function connectorOf(record: ConsumedRecord): string | null {
  return headerText(record, "connector.name");
}

/** Null without context headers. */
export function originOfLetter(record: ConsumedRecord): DeadLetter["origin"] {
  const topic = headerText(record, "topic");
  if (topic === null) return null;
  return { topic, partition: headerNumber(record, "partition"), offset: headerNumber(record, "offset") };
}

export function ownHeaders({ headers }: ConsumedRecord): RecordHeader[] {
  return headers.filter(({ key }) => !key.startsWith(PREFIX));
}

/** As it is shown. */
export function deadLetter({ record, error, group, replayed }: Letter): DeadLetter {
  const shown = { cut: false };
  const show = (bytes: Uint8Array | null): LetterBytes => {
    if (bytes === null) return null;
    if (bytes.length > shownBytesMax) shown.cut = true;
    return shownBytes(bytes.subarray(0, shownBytesMax));
  };
  const { partition, offset, timestampMs } = record;
  const [key, value] = [show(record.key), show(record.value)];
  const headers = ownHeaders(record).map((header) => ({ key: header.key, value: show(header.value) }));
  const told = { ...error, trace: headerText(record, "exception.stacktrace") };
  const origin = originOfLetter(record);
  const task = headerNumber(record, "task.id");
  return { partition, offset, timestampMs, group, replayed, origin, task, error: told, key, value, headers, ...shown };
}

/** The record with what a user changed in it. */
export function edited(record: ConsumedRecord, edit: LetterEdit | undefined): ConsumedRecord {
  if (edit === undefined) return record;
  const key = edit.key === undefined ? record.key : givenBytes(edit.key);
  const value = edit.value === undefined ? record.value : givenBytes(edit.value);
  return { ...record, key, value };
}

/** Identifies a letter, also from one of an earlier topic of the same name. */
export function letterId({ partition, offset, timestampMs }: ConsumedRecord): string {
  return `${partition}-${offset}-${timestampMs ?? 0}`;
}

function errorOf(record: ConsumedRecord): LetterError {
  return {
    stage: headerText(record, "stage"),
    executing: headerText(record, "class.name"),
    exception: headerText(record, "exception.class.name"),
    message: headerText(record, "exception.message"),
  };
}

/** Numbers, quoted texts and long hex differ from record to record: they make no group of their own. */
function groupId({ stage, executing, exception, message }: LetterError): string {
  const pattern = (message ?? "").replace(/"[^"]*"|'[^']*'|\b[0-9a-f]{8,}\b|\d+/gi, "#");
  const text = JSON.stringify([stage, executing, exception, pattern]);
  return fingerprint(text);
}

/** 64 bits, FNV-1a: enough to tell some hundred groups apart. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0").slice(0, 12);
}

/** The last one counts: a letter that died again brings the headers of its first death along. */
function headerText({ headers }: ConsumedRecord, name: string): string | null {
  const value = headers.findLast(({ key }) => key === PREFIX + name)?.value ?? null;
  return value === null ? null : utf8.decode(value);
}

function headerNumber(record: ConsumedRecord, name: string): number | null {
  const text = headerText(record, name);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Text where the bytes are UTF-8. */
export function shownBytes(bytes: Uint8Array): LetterBytes {
  try {
    return { text: strictUtf8.decode(bytes) };
  } catch {
    return { base64: Buffer.from(bytes).toString("base64") };
  }
}

function givenBytes(given: LetterBytes): Uint8Array | null {
  if (given === null) return null;
  return "text" in given ? new TextEncoder().encode(given.text) : Uint8Array.from(Buffer.from(given.base64, "base64"));
}
