// Pure: what a failure of a task or a connector says about trying again.
import { ConfigError, DataError, isConnectError, isRetriable, SerializationError } from "@millrace/connect";
import { isKafkaError, type KafkaError } from "@millrace/kafka";
import { isProtocolError } from "@millrace/protocol";

/**
 * - `retriable`: trouble that passes: Kafka, the network, a database or a service was away.
 * - `fenced`: another producer or consumer took this one's place. Again and again, it has a rival.
 * - `poison`: a record that cannot be processed, and could not be the next time.
 * - `config`: a setting, a permission, something that does not exist: a person must change it.
 * - `fatal`: anything else, such as a bug in a plugin.
 */
export type FailureClass = "retriable" | "fenced" | "poison" | "config" | "fatal";

export interface ClassifiedFailure {
  readonly class: FailureClass;
  /** The one in the chain of causes that says so; of `fatal`, the last. */
  readonly error: unknown;
}

const CAUSES_MAX = 10;

/** Of the operating system, of Node's HTTP client, of Postgres's and MySQL's drivers. */
const CONNECTION_LOST = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ENOTCONN", "ETIMEDOUT", "ESOCKETTIMEDOUT"],
  ...["EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "ENETRESET", "ENOTFOUND", "EAI_AGAIN"],
  ...["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_SOCKET"],
  ...["CONNECTION_CLOSED", "CONNECTION_ENDED", "CONNECTION_DESTROYED", "CONNECT_TIMEOUT"],
  "PROTOCOL_CONNECTION_LOST",
]);

/** Files and folders that are not there, or may not be used. */
const FILE_REFUSED = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EACCES", "EPERM", "EROFS", "ENAMETOOLONG", "ELOOP"]);

const SQLSTATE = /^[0-9][0-9A-Z]{4}$/;
/** Connection, resources, operator, system; conflicts of transactions; a standby, timeouts and locks. */
const SQL_RETRIABLE = /^(08|53|57|58|40|25006|25P03|25P04|55P03)/;
/** Data, and constraints on them. */
const SQL_POISON = /^(22|23)/;
/** Login, database, schema; syntax, names and permissions. */
const SQL_CONFIG = /^(28|3D|3F|42)/;

const KAFKA_POISON = new Set(["MSG_SIZE_TOO_LARGE", "_MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "INVALID_RECORD"]);
/** For good, also where a transaction had to be aborted for it. */
const KAFKA_REFUSED = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
  "TOPIC_EXCEPTION",
  "POLICY_VIOLATION",
]);

/** The outermost error that says something decides, except that what was away behind it takes the blame off records and settings. */
export function classifyFailure(error: unknown): ClassifiedFailure {
  return classify(error, CAUSES_MAX) ?? { class: "fatal", error: rootOf(error) };
}

function classify(error: unknown, causesLeft: number): ClassifiedFailure | null {
  const own = ownClass(error);
  if (own === "fenced" || (own === "retriable" && !isAborted(error))) return { class: own, error };
  const cause = causeOf(error);
  const behind = cause === undefined || causesLeft === 0 ? null : classify(cause, causesLeft - 1);
  if (own === null) return behind;
  // What a transaction was aborted for would abort the next one, if it is not passing itself.
  const passes = behind?.class === "retriable" || behind?.class === "fenced";
  return behind !== null && passes !== (own === "retriable") ? behind : { class: own, error };
}

/** null: the error says nothing by itself. */
function ownClass(error: unknown): FailureClass | null {
  if (isKafkaError(error)) return kafkaClass(error);
  if (isRetriable(error) || (isProtocolError(error) && error.retriable)) return "retriable";
  if (error instanceof ConfigError) return "config";
  if (error instanceof DataError || error instanceof SerializationError) return "poison";
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return null;
  if (isConnectError(error) && code === "TOLERANCE_EXCEEDED") return "poison";
  if (isConnectError(error) && code === "OWN_OFFSETS_TOPIC") return "config";
  if (CONNECTION_LOST.has(code)) return "retriable";
  return FILE_REFUSED.has(code) ? "config" : sqlClass(code);
}

function kafkaClass({ code, kind }: KafkaError): FailureClass {
  if (KAFKA_POISON.has(code)) return "poison";
  if (KAFKA_REFUSED.has(code) || kind === "invalid") return "config";
  return kind === "fenced" ? "fenced" : "retriable";
}

function sqlClass(code: string): FailureClass | null {
  if (!SQLSTATE.test(code)) return null;
  if (SQL_RETRIABLE.test(code)) return "retriable";
  if (SQL_POISON.test(code)) return "poison";
  return SQL_CONFIG.test(code) ? "config" : null;
}

function isAborted(error: unknown): boolean {
  return isKafkaError(error) && error.kind === "abortable";
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? undefined) : undefined;
}

function rootOf(error: unknown): unknown {
  let root = error;
  for (let left = CAUSES_MAX; left > 0 && causeOf(root) !== undefined; left--) root = causeOf(root);
  return root;
}
