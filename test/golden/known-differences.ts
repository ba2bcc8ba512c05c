// Pure: the differences from Java that cannot be helped, as rules. README.md tells them to readers.
import { DataError } from "@millrace/connect";
import type { GoldenCase, Json, JsonObject } from "./golden-case.ts";

/** Last milliseconds of a JS Date, in the year 275760, and as many before 1970. */
const DATE_MS_MAX = 8.64e15;

/**
 * Why a case that came out differently had to, or null when nothing excuses it.
 * @param thrown what the call threw, null when it answered.
 */
export function knownDifference(golden: GoldenCase, thrown: unknown): string | null {
  const { expect, ...input } = golden;
  if (holds(input as unknown as Json, isDateOutOfRange)) return "a date is given that a JS Date cannot hold";
  if (thrown instanceof DataError && holds(expect as unknown as Json, isDateOutOfRange)) {
    return "the answer is a date that a JS Date cannot hold: refused with a DataError instead";
  }
  if (thrown === null && holds(input as unknown as Json, isBigInteger)) {
    if (expect.error !== undefined) return "a bigint is an int64 here: there is no BigInteger to refuse";
    if (holds(expect as unknown as Json, isBigInteger))
      return "a bigint is an int64 here: there is no BigInteger to keep";
  }
  return null;
}

function isDateOutOfRange(tagged: JsonObject): boolean {
  return tagged.$type === "date" && Math.abs(Number(tagged.v)) > DATE_MS_MAX;
}

function isBigInteger(tagged: JsonObject): boolean {
  return tagged.$type === "bigint";
}

function holds(json: Json, matches: (object: JsonObject) => boolean): boolean {
  if (json === null || typeof json !== "object") return false;
  if (Array.isArray(json)) return json.some((each) => holds(each, matches));
  const object = json as JsonObject;
  return matches(object) || Object.values(object).some((each) => holds(each, matches));
}
