// Pure: what the server says when it refuses something.
import { ConnectError } from "@millrace/connect";

/** Lost connections, a server that starts or stops, too many connections, and a slot that is still in use pass. */
const PASSING = /^(08|53|57P0|55006)/;

export class PgError extends ConnectError {
  override readonly retriable: boolean;
  /** SQLSTATE; empty when the connection itself failed. */
  readonly state: string;
  readonly severity: string;

  constructor(message: string, options: { state?: string; severity?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause, code: options.state ?? "CONNECTION_CLOSED" });
    this.state = options.state ?? "";
    this.severity = options.severity ?? "ERROR";
    this.retriable = this.state === "" || PASSING.test(this.state);
  }

  /** As Postgres clients print it. */
  get shown(): string {
    return this.state === "" ? this.message : `${this.severity}: ${this.message}`;
  }
}

/** Reads the fields of an ErrorResponse. */
export function pgErrorOf(bytes: Buffer, from: number, to: number): PgError {
  const fields = new Map<string, string>();
  for (let at = from; at < to && bytes[at] !== 0; ) {
    const end = bytes.indexOf(0, at + 1);
    fields.set(String.fromCharCode(bytes[at]!), bytes.toString("utf8", at + 1, end));
    at = end + 1;
  }
  const detail = fields.get("D");
  const message = (fields.get("M") ?? "unknown error") + (detail === undefined ? "" : ` (${detail})`);
  return new PgError(message, { state: fields.get("C") ?? "XX000", severity: fields.get("V") ?? "ERROR" });
}
