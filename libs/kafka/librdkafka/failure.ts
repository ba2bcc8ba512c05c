import { KafkaError } from "../errors.ts";
import { classify, type Operation } from "./classify.ts";
import { type Callback, codeName, type NativeError } from "./native.ts";

/** Fields first, message second, as pino takes them. */
export interface KafkaLogger {
  warn(message: string, fields?: Record<string, unknown>): void;
}

const DOING: Readonly<Record<Operation, string>> = {
  connect: "connecting to Kafka",
  send: "queueing a record",
  flush: "waiting for records to be acknowledged",
  initTransactions: "initialising transactions",
  beginTransaction: "beginning a transaction",
  commitTransaction: "committing a transaction",
  abortTransaction: "aborting a transaction",
  consume: "consuming",
  commitOffsets: "committing offsets",
  admin: "asking the cluster",
};

/** @param about what the call concerned: `transactional id x`, `topic y`. */
export function toKafkaError(
  error: NativeError,
  operation: Operation,
  about: string,
  options: { transactional?: boolean; cause?: unknown } = {},
): KafkaError {
  const code = codeName(error.code);
  const kind = classify({ ...error, code }, operation, options.transactional ?? false);
  return new KafkaError(`${DOING[operation]} failed (${about}): ${error.message} [${code}]`, {
    code,
    kind,
    ...(options.cause === undefined ? {} : { cause: options.cause }),
  });
}

/** One callback call of the addon as a promise, its error classified. */
export function call<T>(
  operation: Operation,
  about: string,
  start: (done: Callback<T>) => void,
  transactional = false,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error) reject(toKafkaError(error, operation, about, { transactional }));
      else resolve(value);
    });
  });
}

/** A client that was closed by its owner. */
export function closedError(what: string): KafkaError {
  return new KafkaError(`this ${what} is closed: make another`, { code: "_STATE", kind: "fatal" });
}
