// Pure: the errors a plugin may throw and the runtime understands.

const BRAND = Symbol.for("millrace.ConnectError");

export interface ConnectErrorOptions {
  readonly cause?: unknown;
  /** Stable name for programs, e.g. `CONFIG_INVALID`. Default: `CONNECT`. */
  readonly code?: string;
}

/** Any failure of a connector, task, converter or transform. `retriable` says whether the same call may work later. */
export class ConnectError extends Error {
  readonly [BRAND] = true;
  /** Stable name for programs, e.g. `CONFIG_INVALID`. */
  readonly code: string;
  /** The same call may work later. */
  readonly retriable: boolean = false;
  /** The class Kafka Connect would have thrown; goes into traces and dead letter headers. */
  readonly javaClass: string = "org.apache.kafka.connect.errors.ConnectException";

  constructor(message: string, options: ConnectErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code ?? "CONNECT";
  }
}

/** The call may be repeated with the same input. */
export class RetriableError extends ConnectError {
  override readonly retriable: boolean = true;
  override readonly javaClass: string = "org.apache.kafka.connect.errors.RetriableException";
}

/** Data does not fit its schema, or bytes cannot be read or written. */
export class DataError extends ConnectError {
  override readonly javaClass: string = "org.apache.kafka.connect.errors.DataException";
}

/** A schema cannot be like this, e.g. with the same field twice. */
export class SchemaBuilderError extends DataError {
  override readonly javaClass: string = "org.apache.kafka.connect.errors.SchemaBuilderException";
}

/** A value cannot be projected from one schema to another. */
export class SchemaProjectorError extends DataError {
  override readonly javaClass: string = "org.apache.kafka.connect.errors.SchemaProjectorException";
}

/** A serializer cannot do what it was asked, e.g. an encoding that is not known. */
export class SerializationError extends ConnectError {
  override readonly javaClass: string = "org.apache.kafka.common.errors.SerializationException";
}

/** A configuration value is missing or wrong. */
export class ConfigError extends ConnectError {
  override readonly javaClass: string = "org.apache.kafka.common.config.ConfigException";
}

// The rest is what Connect, and plugins for it, leave to Java itself.

/** Text or bytes are not a number where Java's number classes themselves complain. */
export class NumberFormatError extends DataError {
  override readonly javaClass: string = "java.lang.NumberFormatException";
}

/** A value is not of the class that its schema, or its place, promises. */
export class ClassCastError extends ConnectError {
  override readonly javaClass: string = "java.lang.ClassCastException";
}

/** Something that has to be there is not. */
export class NullPointerError extends ConnectError {
  override readonly javaClass: string = "java.lang.NullPointerException";
}

/** What was asked for is not there, e.g. a field of that name. */
export class IllegalArgumentError extends ConnectError {
  override readonly javaClass: string = "java.lang.IllegalArgumentException";
}

/** Not at this point, or not of this record. */
export class IllegalStateError extends ConnectError {
  override readonly javaClass: string = "java.lang.IllegalStateException";
}

/** A list, or a text taken apart, is shorter than it has to be. */
export class IndexOutOfBoundsError extends ConnectError {
  override readonly javaClass: string = "java.lang.ArrayIndexOutOfBoundsException";
}

/** Also of one whose class comes from another copy of this package. */
export function isConnectError(error: unknown): error is ConnectError {
  return typeof error === "object" && error !== null && BRAND in error;
}

/** True only for errors that say themselves that a retry may help. */
export function isRetriable(error: unknown): boolean {
  return isConnectError(error) && error.retriable;
}
