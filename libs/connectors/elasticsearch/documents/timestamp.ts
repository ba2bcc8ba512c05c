// Pure: gives a document its @timestamp, which documents of data streams must have.
import { DataError } from "@millrace/connect";

const NAME = "@timestamp";

/**
 * From the first of `fields` that the document has, as text; it stays without when it has none of them. No fields: from the
 * record. @throws DataError when the document is no JSON object.
 * @param json as our own writers make it: without white space between its parts.
 */
export function withTimestamp(json: string, fields: readonly string[], timestampMs: number | null): string {
  if (!json.startsWith("{")) {
    throw new DataError(`Top level payload contains data of Json type ${typeOf(json)}. Required Json object.`);
  }
  if (fields.length === 0) return put(json, timestampMs === null ? "null" : String(timestampMs));
  for (const field of fields) {
    const span = memberOf(json, field);
    if (span !== null) return put(json, asText(json.slice(span.valueStart, span.end)));
  }
  return json;
}

function typeOf(json: string): string {
  if (json.startsWith("[")) return "ARRAY";
  if (json.startsWith('"')) return "STRING";
  if (json === "null") return "NULL";
  return json === "true" || json === "false" ? "BOOLEAN" : "NUMBER";
}

/** As Jackson's asText: the text itself, numbers and so on as they are written, nothing of objects and lists. */
function asText(value: string): string {
  if (value.startsWith('"')) return value;
  return value.startsWith("{") || value.startsWith("[") ? '""' : `"${value}"`;
}

function put(json: string, value: string): string {
  const span = memberOf(json, NAME);
  if (span !== null) return json.slice(0, span.valueStart) + value + json.slice(span.end);
  return `${json.slice(0, -1)}${json === "{}" ? "" : ","}"${NAME}":${value}}`;
}

interface Span {
  readonly valueStart: number;
  readonly end: number;
}

/** Where the value of a member of the outermost object stands. */
function memberOf(json: string, name: string): Span | null {
  const wanted = JSON.stringify(name);
  for (let at = 1; at < json.length - 1; ) {
    const nameEnd = endOfValue(json, at);
    const end = endOfValue(json, nameEnd + 1);
    if (json.slice(at, nameEnd) === wanted) return { valueStart: nameEnd + 1, end };
    at = end + 1;
  }
  return null;
}

/** Behind the value that begins at `start`. */
function endOfValue(json: string, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      at = endOfText(json, at);
      if (depth === 0) return at + 1;
    } else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === "," || character === ":")) return at;
  }
  return json.length;
}

/** At the closing quote. */
function endOfText(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
}
