// Pure: the offsets a user sends. What Connect cannot read is a 500 there, not a 400, so it is here.
import { HttpError } from "./errors.ts";
import { parseJsonObject, unreadable } from "./json-body.ts";

type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
type JsonObject = Record<string, JsonValue>;

export type OffsetsBody = { partition: JsonObject | null; offset: JsonObject | null }[];

/** @param text null: there was no body. @throws HttpError 400 for none, 500 for what is no list of offsets. */
export function parseOffsets(text: string | null): OffsetsBody {
  const body = parseJsonObject(text, "the request body");
  for (const field of Object.keys(body ?? {})) {
    if (field !== "offsets") throw unreadable(`Unrecognized field "${field}" in the request body. Known is: offsets`);
  }
  const offsets = body?.offsets ?? null;
  if (offsets !== null && !Array.isArray(offsets)) throw unreadable('Expected "offsets" to be a JSON array');
  if (offsets === null || offsets.length === 0) {
    throw new HttpError(400, "Partitions / offsets need to be provided for an alter offsets request");
  }
  return offsets.map(toEntry);
}

const FIELDS = ["partition", "offset"];

function toEntry(value: unknown, index: number): OffsetsBody[number] {
  const entry = toObject(value, `Entry ${index} of "offsets"`);
  if (entry === null) throw unreadable(`Entry ${index} of "offsets" is null`);
  const unknown = Object.keys(entry).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) {
    throw unreadable(`Unrecognized field "${unknown}" in entry ${index} of "offsets". Known are: ${FIELDS.join(", ")}`);
  }
  return {
    partition: toObject(entry.partition, `"partition" of entry ${index}`),
    offset: toObject(entry.offset, `"offset" of entry ${index}`),
  };
}

function toObject(value: unknown, what: string): JsonObject | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object" || Array.isArray(value)) throw unreadable(`Expected ${what} to be a JSON object`);
  for (const [key, inner] of Object.entries(value)) refuseInexact(inner, `"${key}" in ${what}`);
  return value as JsonObject;
}

/** A JSON number beyond 2^53 has lost digits by now, and a wrong offset loses records. */
function refuseInexact(value: unknown, what: string): void {
  if (typeof value !== "number" || !Number.isInteger(value) || Number.isSafeInteger(value)) return;
  throw new HttpError(400, `The number ${what} is beyond 9007199254740991 and cannot be taken exactly`);
}
