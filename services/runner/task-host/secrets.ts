// Pure: keeps what config providers gave out of what is logged (I9).
import type { Logger } from "@millrace/connect";
import type { Secrets } from "@millrace/service";
import { traceOf } from "./trace.ts";

const DEPTH_MAX = 5;

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
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof Date) return value;
  if (depth >= DEPTH_MAX) return "[deeper]";
  if (Array.isArray(value)) return value.map((item) => hideIn(item, secrets, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideIn(item, secrets, depth + 1)]));
}
