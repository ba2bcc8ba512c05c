// Pure: what a failed write means.
import { ConnectError, isConnectError, isRetriable } from "@millrace/connect";

/**
 * SQLSTATE classes and drivers' codes of what another try can't change: values that fit no column, rows that are there
 * already or lack something. A missing parent row (foreign key) may still come, from another topic.
 */
const LASTING =
  /^(22|23502|23505|23514|42804|42846|ER_DUP|ER_BAD_NULL|ER_DATA|ER_TRUNCATED|ER_WARN_DATA|ER_NO_DEFAULT|ER_CONSTRAINT|SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE|NOTNULL|CHECK|DATATYPE)|SQLITE_MISMATCH|2627|2601|515|8152|2628|245|8114|ORA-00001|ORA-01400|ORA-12899|ORA-01722|ORA-01438)/;

/** Codes of our own: of records and tables, whose errors say what to do. */
const OURS = new Set([
  "CONNECT",
  "RECORD_UNFIT",
  "TABLE_MISSING",
  "COLUMN_MISSING",
  "TYPE_UNSUPPORTED",
  "CONFIG_INVALID",
  "DIALECT_UNKNOWN",
]);

/** Whether a write that failed so is tried again, as the same write. */
export function mayPass(error: unknown): boolean {
  if (!isConnectError(error)) return false;
  if (isRetriable(error)) return true;
  return !OURS.has(error.code) && !LASTING.test(error.code);
}

/** A statement would change one row twice: Postgres's `cardinality_violation`, and what SQL Server says of MERGE. */
export function hitsRowTwice(error: unknown): boolean {
  return isConnectError(error) && (error.code === "21000" || error.code === "8672");
}

/** What a database says beside its message may hold values of rows. */
export function shownError(error: unknown, trimmed: boolean): ConnectError {
  const shown = isConnectError(error) ? error : new ConnectError((error as Error).message, { cause: error });
  return trimmed ? new ConnectError(shown.message, { code: shown.code }) : shown;
}
