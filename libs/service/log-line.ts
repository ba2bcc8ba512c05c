// Pure: one log entry as a line for people.

const HEAD = new Set(["level", "time", "name", "msg", "connector", "task", "generation"]);
const COLOURS: Readonly<Record<string, string>> = {
  trace: "\x1b[2m",
  debug: "\x1b[2m",
  warn: "\x1b[33m",
  error: "\x1b[31m",
};

/**
 * `12:03:04.567 WARN  runner [orders-0] message key=value`, then the stacks of errors, indented.
 * @param json a line as the logger writes it; anything else is returned as it is.
 */
export function logLine(json: string, colour: boolean): string {
  const entry = parseEntry(json);
  if (entry === null) return json;
  const level = String(entry.level ?? "info");
  const time = String(entry.time ?? "").slice(11, 23);
  const head = `${time} ${level.toUpperCase().padEnd(5)} ${entry.name ?? ""}${scope(entry)} ${entry.msg ?? ""}`;
  const rest = Object.entries(entry).filter(([key, value]) => !HEAD.has(key) && value !== undefined);
  const pairs = rest.map(([key, value]) => ` ${key}=${shown(value)}`).join("");
  const stacks = rest.flatMap(([, value]) => stacksOf(value)).map((stack) => `\n${stack.replace(/^/gm, "    ")}`);
  const paint = colour ? COLOURS[level] : undefined;
  return `${paint === undefined ? head : `${paint}${head}\x1b[0m`}${pairs}${stacks.join("")}\n`;
}

function parseEntry(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** ` [connector-task gGeneration]` of a task, ` [connector]` of a connector. */
function scope({ connector, task, generation }: Record<string, unknown>): string {
  if (connector === undefined) return "";
  const of = task === undefined ? connector : `${connector}-${task}`;
  return generation === undefined ? ` [${of}]` : ` [${of} g${generation}]`;
}

function shown(value: unknown): string {
  if (typeof value === "string") return /[\s"=]/.test(value) || value === "" ? JSON.stringify(value) : value;
  if (isError(value)) return JSON.stringify(value.message);
  return JSON.stringify(value);
}

function stacksOf(value: unknown): string[] {
  if (!isError(value)) return [];
  const causes = stacksOf(value.cause).map((stack) => `Caused by: ${stack}`);
  return [...(value.stack === undefined ? [] : [value.stack]), ...causes];
}

function isError(value: unknown): value is { message: string; stack?: string; cause?: unknown } {
  return typeof value === "object" && value !== null && "message" in value && "type" in value;
}
