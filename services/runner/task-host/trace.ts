// Pure: an error as Kafka Connect's status shows it.

const TRACE_CHARS_MAX = 8_000;

/** `<class>: <message>`, stack frames, then the same for every cause, cut at a bound so that heartbeats stay small. */
export function traceOf(error: unknown): string {
  let text = "";
  let current: unknown = error;
  for (let depth = 0; current !== undefined && current !== null && depth < 10; depth++) {
    text += `${depth === 0 ? "" : "Caused by: "}${headline(current)}\n${frames(current)}`;
    current = current instanceof Error ? current.cause : undefined;
  }
  return text.length > TRACE_CHARS_MAX ? `${text.slice(0, TRACE_CHARS_MAX)}\n\t...` : text;
}

/** The class Kafka Connect would have thrown, where the error knows it; else its own name. */
export function errorClass(error: unknown): string {
  const { javaClass, name } = (error ?? {}) as { javaClass?: unknown; name?: unknown };
  if (typeof javaClass === "string") return javaClass;
  return typeof name === "string" ? name : "Error";
}

/** In one line, for an answer: `<class>: <message>`. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${errorClass(error)}: ${error.message}` : String(error);
}

function headline(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, javaClass } = error as { code?: unknown; javaClass?: unknown };
  const known = javaClass === undefined && typeof code === "string" ? ` (${code})` : "";
  return `${errorClass(error)}${known}: ${error.message}`;
}

function frames(error: unknown): string {
  if (!(error instanceof Error) || !error.stack) return "";
  const lines = error.stack.split("\n").filter((line) => /^\s+at /.test(line));
  return lines.map((line) => `\t${line.trim()}\n`).join("");
}
