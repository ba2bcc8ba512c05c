// Pure: what a signal says. As in Debezium: https://debezium.io/documentation/reference/stable/configuration/signalling.html
import { anyOf, type Matches } from "../config/patterns.ts";

/** A signal as it came: by a row of the signal table, a record of a topic or a line of a file. */
export interface Signal {
  readonly id: string;
  readonly type: string;
  /** JSON; null or empty: none. */
  readonly data: string | null;
}

export interface SnapshotCondition {
  readonly matches: Matches;
  /** As given: of a blocking snapshot, the one table it is for. */
  readonly collection: string;
  /** Of an incremental snapshot what stands behind WHERE, of a blocking one the whole SELECT. */
  readonly filter: string;
}

export type SnapshotKind = "incremental" | "blocking";

export interface SnapshotRequest {
  readonly id: string;
  readonly kind: SnapshotKind;
  /** Regular expressions of `schema.table`. */
  readonly collections: readonly string[];
  readonly conditions: readonly SnapshotCondition[];
  readonly surrogateKey: string | null;
}

export type Action =
  | { readonly kind: "execute"; readonly request: SnapshotRequest }
  /** No collections: all. */
  | { readonly kind: "stop"; readonly collections: readonly string[] }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  | { readonly kind: "window"; readonly edge: "open" | "close"; readonly id: string }
  | { readonly kind: "log"; readonly message: string }
  /** Nothing is done; why. */
  | { readonly kind: "refused"; readonly reason: string };

type Data = Readonly<Record<string, unknown>>;

export function actionOf(signal: Signal): Action {
  try {
    return understood(signal);
  } catch (error) {
    // Of a regular expression that is none.
    if (error instanceof SyntaxError) return refused(error.message);
    throw error;
  }
}

function understood({ id, type, data }: Signal): Action {
  const parsed = parseData(data);
  if (parsed === null) return refused("its data is not a JSON object");
  switch (type) {
    case "execute-snapshot":
      return executeOf(id, parsed);
    case "stop-snapshot":
      return kindOf(parsed) === "incremental"
        ? { kind: "stop", collections: collectionsOf(parsed) }
        : refused("only incremental snapshots can be stopped");
    case "pause-snapshot":
      return { kind: "pause" };
    case "resume-snapshot":
      return { kind: "resume" };
    case "snapshot-window-open":
      return { kind: "window", edge: "open", id };
    case "snapshot-window-close":
      return { kind: "window", edge: "close", id };
    case "log": {
      const message = parsed.message;
      return typeof message === "string" && message !== "" ? { kind: "log", message } : refused("it has no message");
    }
    default:
      return refused(`its type ${type} is not known`);
  }
}

function executeOf(id: string, data: Data): Action {
  const kind = kindOf(data);
  if (kind === null) return refused(`its snapshot type ${String(data.type)} is not known`);
  const collections = collectionsOf(data);
  if (collections.length === 0) return refused("it has no data-collections");
  const surrogateKey = text(data["surrogate-key"]).trim() === "" ? null : text(data["surrogate-key"]);
  return { kind: "execute", request: { id, kind, collections, conditions: conditionsOf(data), surrogateKey } };
}

/** Incremental unless said otherwise; null for another word. */
function kindOf({ type }: Data): SnapshotKind | null {
  const word = type === undefined || type === null ? "incremental" : String(type).toLowerCase();
  return word === "incremental" || word === "blocking" ? word : null;
}

function collectionsOf(data: Data): string[] {
  const list = data["data-collections"];
  const collections = Array.isArray(list) ? list.map((each) => String(each).trim()) : [];
  for (const each of collections) new RegExp(each);
  return collections;
}

function conditionsOf(data: Data): SnapshotCondition[] {
  const list = data["additional-conditions"];
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: Data) => {
    const collection = text(each?.["data-collection"]);
    return collection === "" ? [] : [{ matches: anyOf([collection]), collection, filter: text(each.filter) }];
  });
}

function parseData(data: string | null): Data | null {
  if (data === null || data === "") return {};
  try {
    const parsed: unknown = JSON.parse(data);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as Data) : null;
  } catch {
    return null;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function refused(reason: string): Action {
  return { kind: "refused", reason };
}
