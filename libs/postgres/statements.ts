const READ_ATTEMPTS_MAX = 3;

/** Of a connection that was lost. */
const lost = /^(08|57P0[123]|CONNECTION_|ECONNRESET|EPIPE)/;

/** Postgres's classes for a lost connection, lack of resources, an intervention and a rollback; and the driver's own codes. */
const passing = /^(08|53|57|40|55P03|25P03|CONN|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN)/;

/** Why a statement failed, in words that can be shown. */
export interface StatementFailure {
  /** `The config database could not be read: … (code)`, and for a write that it may have been stored. */
  readonly message: string;
  /** It need not fail again. */
  readonly isPassing: boolean;
  /** The driver's error. */
  readonly cause: unknown;
}

export interface StatementRules {
  /** Whose database. */
  readonly of: string;
  /** Makes what is thrown. */
  readonly fail: (failure: StatementFailure) => Error;
  /** Of these nothing is said; they are thrown as they are. */
  readonly isForeseen: (error: unknown) => boolean;
}

/** How a store's statements fail. */
export interface Statements {
  /**
   * A read is tried again when its connection was lost: nothing happened, and after a restart of the server each connection
   * of the pool fails once, some twice with the error of their predecessor.
   */
  reading<T>(work: () => Promise<T>): Promise<T>;
  writing<T>(work: () => Promise<T>): Promise<T>;
}

export function statements({ of, fail, isForeseen }: StatementRules): Statements {
  const told = (error: unknown, done: "read" | "written"): unknown => {
    if (isForeseen(error)) return error;
    const { cause, code, message } = driverError(error);
    const unsure =
      done === "written" ? " Whether the change was stored is not known: read it before trying again." : "";
    const text = `The ${of} database could not be ${done}: ${message} (${code}).${unsure}`;
    return fail({ message: text, isPassing: passing.test(code), cause });
  };
  return {
    async reading(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await work();
        } catch (error) {
          if (attempt >= READ_ATTEMPTS_MAX || !lost.test(driverError(error).code)) throw told(error, "read");
        }
      }
    },
    async writing(work) {
      try {
        return await work();
      } catch (error) {
        throw told(error, "written");
      }
    },
  };
}

/** Drizzle's own error is left out: its message shows the parameters, and those hold configs and traces (I9). */
function driverError(error: unknown): { cause: unknown; code: string; message: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code = "unknown", message } = cause as { code?: string; message: string };
  return { cause, code, message };
}
