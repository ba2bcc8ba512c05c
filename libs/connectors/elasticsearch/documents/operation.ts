// Pure: what a record does in Elasticsearch: a document written or deleted, or nothing.
import { DataError, type SinkRecord, Values } from "@millrace/connect";
import type { DocumentSettings } from "../config/settings.ts";
import { documentId } from "./document-id.ts";
import type { DocumentText } from "./document-text.ts";
import { withTimestamp } from "./timestamp.ts";

const RETRY_ON_CONFLICT_MAX = 5;

/** One operation of a bulk request. */
export interface Operation {
  /** Its lines, each with its end. */
  readonly text: string;
  /** Its document, where an operation that waits may come for it; else null. */
  readonly document: string | null;
  /**
   * Not sent while an earlier one on its document is on its way: upserts, whose order nothing else keeps, and deletions, as
   * Elasticsearch forgets their version after a while (`index.gc_deletes`), and an older write that is repeated for longer
   * than that would bring the document back.
   */
  readonly waits: boolean;
  /** A higher version is there already: nothing to do. */
  readonly versioned: boolean;
}

export interface OperationRules {
  readonly settings: DocumentSettings;
  readonly documents: DocumentText;
  readonly inFlightMax: number;
}

/** Null: nothing to write. @throws DataError when the record cannot become a document. */
export function operationOf(record: SinkRecord, resource: string, rules: OperationRules): Operation | null {
  const { settings } = rules;
  const { topic, partition, offset, value } = record;
  const ignoresKey = settings.ignoresKey(topic);
  if (value === null || value === undefined) {
    if (settings.onNull === "fail") throw new DataError(nullMessage(record));
    // A document named after its record's place was never there.
    if (settings.onNull === "ignore" || record.key === null || ignoresKey) return null;
    return deletion(record, resource, settings);
  }
  const id = ignoresKey ? `${topic}+${partition}+${offset}` : documentId(record.keySchema, record.key);
  const json = rules.documents.of(record.valueSchema, value, settings.ignoresSchema(topic));
  const place = `"_index":${JSON.stringify(resource)}`;
  if (settings.upsert) {
    const conflicts = Math.min(rules.inFlightMax, RETRY_ON_CONFLICT_MAX);
    return {
      text: `{"update":{${place},"_id":${JSON.stringify(id)},"retry_on_conflict":${conflicts}}}\n{"doc":${json},"doc_as_upsert":true}\n`,
      document: `${resource} ${id}`,
      waits: true,
      versioned: false,
    };
  }
  const named = settings.generatedIds ? place : `${place},"_id":${JSON.stringify(id)}`;
  if (settings.dataStream) {
    const document = withTimestamp(json, settings.timestampFields, record.timestamp);
    return { text: `{"create":{${named}}}\n${document}\n`, document: null, waits: false, versioned: false };
  }
  const versioned = !settings.generatedIds && !ignoresKey;
  const version = versioned ? externalVersion(record, settings) : "";
  const document = versioned && settings.onNull === "delete" ? `${resource} ${id}` : null;
  return { text: `{"index":{${named}${version}}}\n${json}\n`, document, waits: false, versioned };
}

function deletion(record: SinkRecord, resource: string, settings: DocumentSettings): Operation {
  const id = documentId(record.keySchema, record.key);
  const named = `"_index":${JSON.stringify(resource)},"_id":${JSON.stringify(id)}`;
  const waiting = { document: `${resource} ${id}`, waits: true } as const;
  // An upsert raises the version by one, which says nothing about offsets: the two cannot be compared.
  if (settings.upsert) return { text: `{"delete":{${named}}}\n`, ...waiting, versioned: false };
  return { text: `{"delete":{${named}${externalVersion(record, settings)}}}\n`, ...waiting, versioned: true };
}

/** A write or deletion takes effect only over a lower version, so a record that comes again changes nothing. */
function externalVersion(record: SinkRecord, { versionHeader }: DocumentSettings): string {
  const version = versionHeader === null ? String(record.offset) : headerVersion(record, versionHeader);
  return `,"version":${version},"version_type":"external"`;
}

function headerVersion(record: SinkRecord, name: string): string {
  const header = [...record.headers].findLast(({ key }) => key === name);
  const text = header === undefined ? null : Values.convertToString(header.schema, header.value);
  if (text === null) throw new DataError(`${recordText(record)} has no header '${name}' for its version`);
  if (!/^\d{1,19}$/.test(text)) throw new DataError(`Error converting to long: ${text}`);
  return String(BigInt(text));
}

export const recordText = ({ topic, partition, offset }: SinkRecord): string =>
  `record from topic=${topic} partition=${partition} offset=${offset}`;

const nullMessage = (record: SinkRecord): string =>
  `${recordText(record)} has a null value (to ignore future records like this change the configuration property ` +
  "'behavior.on.null.values' from 'FAIL' to 'IGNORE')";
