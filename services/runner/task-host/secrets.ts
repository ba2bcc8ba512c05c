// Pure: keeps what config providers gave out of everything that leaves the host (I9).
import type { Logger } from "@millrace/connect";
import { traceOf } from "./trace.ts";

/** Shorter values are found in any text by chance: replacing those would garble it and hide nothing. */
const SECRET_CHARS_MIN = 4;

/** Values that came from config providers, by the reference that stands for them. */
export class Secrets {
  static readonly none = new Secrets(new Map());
  /** Longest first: one may hold another. */
  #values: readonly (readonly [reference: string, value: string])[];

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = [...values]
      .filter(([, value]) => value.length >= SECRET_CHARS_MIN)
      .sort(([, a], [, b]) => b.length - a.length);
  }

  /** The text with every such value replaced by its reference. */
  hide(text: string): string {
    let hidden = text;
    for (const [reference, value] of this.#values) hidden = hidden.replaceAll(value, () => reference);
    return hidden;
  }
}

/** Hides secrets in messages and fields, whoever logs them: this is also the plugin's logger. */
export function hidingLogger(logger: Logger, secrets: Secrets): Logger {
  const hide = (write: Logger["info"]): Logger["info"] => {
    return (message, fields) => write(secrets.hide(message), fields && (hideIn(fields, secrets) as typeof fields));
  };
  return {
    debug: hide((message, fields) => logger.debug(message, fields)),
    info: hide((message, fields) => logger.info(message, fields)),
    warn: hide((message, fields) => logger.warn(message, fields)),
    error: hide((message, fields) => logger.error(message, fields)),
  };
}

function hideIn(value: unknown, secrets: Secrets, depth = 0): unknown {
  if (typeof value === "string") return secrets.hide(value);
  if (value instanceof Error) return secrets.hide(traceOf(value));
  if (typeof value !== "object" || value === null || depth > 4) return value;
  if (Array.isArray(value)) return value.map((item) => hideIn(item, secrets, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideIn(item, secrets, depth + 1)]));
}
