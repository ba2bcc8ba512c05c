// Pure: a librdkafka error and what was being done, to what the caller can do next.
import type { KafkaErrorKind } from "../errors.ts";

export type Operation =
  | "connect"
  | "send"
  | "flush"
  | "initTransactions"
  | "beginTransaction"
  | "commitTransaction"
  | "abortTransaction"
  | "consume"
  | "commitOffsets"
  | "admin";

export interface Failure {
  /** Kafka's name: `PRODUCER_FENCED`, `_TIMED_OUT`. */
  readonly code: string;
  readonly isFatal?: boolean | undefined;
  readonly isRetriable?: boolean | undefined;
  readonly isTxnRequiresAbort?: boolean | undefined;
}

const FENCED = new Set([
  "_FENCED",
  "INVALID_PRODUCER_EPOCH",
  "PRODUCER_FENCED",
  "FENCED_INSTANCE_ID",
  "ILLEGAL_GENERATION",
  "UNKNOWN_MEMBER_ID",
  "FENCED_MEMBER_EPOCH",
  "STALE_MEMBER_EPOCH",
  "_ASSIGNMENT_LOST",
]);

const INVALID = new Set([
  "MSG_SIZE_TOO_LARGE",
  "_MSG_SIZE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_RECORD",
  "TOPIC_EXCEPTION",
  "INVALID_PARTITIONS",
  "INVALID_REPLICATION_FACTOR",
  "INVALID_CONFIG",
  "INVALID_REQUEST",
  "INVALID_REQUIRED_ACKS",
  "INVALID_TRANSACTION_TIMEOUT",
  "POLICY_VIOLATION",
  "UNSUPPORTED_VERSION",
  "UNSUPPORTED_FOR_MESSAGE_FORMAT",
  "UNSUPPORTED_SASL_MECHANISM",
  "TOPIC_AUTHORIZATION_FAILED",
  "GROUP_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
  "SASL_AUTHENTICATION_FAILED",
  "_AUTHENTICATION",
  "_SSL",
  "_INVALID_ARG",
  "_UNKNOWN_PARTITION",
  "_CONFLICT",
  "_STATE",
  "_NOT_CONFIGURED",
  "_UNSUPPORTED_FEATURE",
]);

const RETRIABLE = new Set([
  "_TIMED_OUT",
  "_TIMED_OUT_QUEUE",
  "_MSG_TIMED_OUT",
  "_TRANSPORT",
  "_ALL_BROKERS_DOWN",
  "_RESOLVE",
  "_WAIT_COORD",
  "_WAIT_CACHE",
  "_IN_PROGRESS",
  "_PREV_IN_PROGRESS",
  "_RETRY",
  "_QUEUE_FULL",
  "_UNKNOWN_TOPIC",
  "_UNKNOWN_BROKER",
  "_NO_OFFSET",
  "UNKNOWN_TOPIC_OR_PART",
  "LEADER_NOT_AVAILABLE",
  "NOT_LEADER_FOR_PARTITION",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "REQUEST_TIMED_OUT",
  "BROKER_NOT_AVAILABLE",
  "REPLICA_NOT_AVAILABLE",
  "NETWORK_EXCEPTION",
  "COORDINATOR_LOAD_IN_PROGRESS",
  "COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR",
  "NOT_ENOUGH_REPLICAS",
  "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  "REBALANCE_IN_PROGRESS",
  "NOT_CONTROLLER",
  "CONCURRENT_TRANSACTIONS",
  "KAFKA_STORAGE_ERROR",
  "UNSTABLE_OFFSET_COMMIT",
  "THROTTLING_QUOTA_EXCEEDED",
  "THROTTLED",
]);

/**
 * Fenced comes first: librdkafka also marks it fatal. A commit or an abort that timed out, or that librdkafka calls
 * retriable, may have reached the broker, and librdkafka cannot find out: it is `indefinite` (I3 then makes a new
 * producer, whose initTransactions settles it).
 */
export function classify(failure: Failure, operation: Operation, transactional: boolean): KafkaErrorKind {
  if (FENCED.has(failure.code)) return "fenced";
  if (failure.isFatal || failure.code === "_FATAL" || failure.code === "_DESTROY") return "fatal";
  if (failure.isTxnRequiresAbort) return "abortable";
  if (operation === "commitTransaction" || operation === "abortTransaction") {
    return failure.isRetriable || RETRIABLE.has(failure.code) ? "indefinite" : "fatal";
  }
  if (transactional && operation === "flush") return "abortable";
  // Within a transaction librdkafka refuses records with _STATE once a delivery has failed.
  if (transactional && operation === "send" && failure.code === "_STATE") return "abortable";
  if (operation === "admin" && failure.code === "UNKNOWN_TOPIC_OR_PART") return "invalid";
  if (INVALID.has(failure.code)) return "invalid";
  return failure.isRetriable || RETRIABLE.has(failure.code) ? "retriable" : "fatal";
}
