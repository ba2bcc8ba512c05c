// Pure: what Elasticsearch says of each operation of a bulk request.
import { ConnectError } from "@millrace/connect";
import { mayPass } from "../http/retry.ts";

export interface ItemError {
  readonly type: string;
  /** May quote the document. */
  readonly reason: string;
}

/**
 * - `done`: written, deleted, or nothing to delete.
 * - `stale`: a version at least as high is there.
 * - `busy`: refused for load or an absent shard: the same operation may work later.
 * - `malformed`: refused for what is in the document.
 * - `failed`: refused for anything else.
 */
export type ItemOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "stale" | "busy" | "malformed" | "failed"; readonly error: ItemError };

/** As Confluent's connector tells malformed documents. */
const MALFORMED = [
  "strict_dynamic_mapping_exception",
  "mapper_parsing_exception",
  "illegal_argument_exception",
  "action_request_validation_exception",
  "document_parsing_exception",
];
const VERSION_CONFLICT = "version_conflict_engine_exception";
const DONE: ItemOutcome = { kind: "done" };

interface Item {
  readonly status?: number;
  readonly error?: { readonly type?: string; readonly reason?: string; readonly caused_by?: Item["error"] };
}

/** In the order of the operations; null when all are done. @throws ConnectError when this is no answer to a bulk request. */
export function itemOutcomes(body: string, count: number): readonly ItemOutcome[] | null {
  let answer: { errors?: boolean; items?: readonly Readonly<Record<string, Item>>[] };
  try {
    answer = JSON.parse(body);
  } catch (cause) {
    throw new ConnectError("The answer to a bulk request is not JSON: is it Elasticsearch?", { cause });
  }
  if (answer.errors === false) return null;
  const { items } = answer;
  if (items === undefined || items.length !== count) {
    throw new ConnectError(`The answer to a bulk request of ${count} operations has ${items?.length ?? "no"} items.`);
  }
  return items.map((item) => outcomeOf(Object.values(item)[0] ?? {}));
}

function outcomeOf({ status = 200, error }: Item): ItemOutcome {
  if (error === undefined) return DONE;
  const told = { type: error.type ?? "unknown", reason: reasonOf(error) };
  if (mayPass(status)) return { kind: "busy", error: told };
  if (told.type === VERSION_CONFLICT) return { kind: "stale", error: told };
  return { kind: isMalformed(told) ? "malformed" : "failed", error: told };
}

const isMalformed = ({ type, reason }: ItemError): boolean =>
  MALFORMED.some((known) => type.includes(known) || reason.includes(known));

function reasonOf({ reason = "", caused_by: cause }: NonNullable<Item["error"]>): string {
  return cause?.reason === undefined ? reason : `${reason} (${cause.type ?? "caused by"}: ${cause.reason})`;
}
