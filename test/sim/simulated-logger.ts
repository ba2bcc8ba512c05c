import type { Logger } from "@millrace/service";

/** What a log line is, to whom it may concern. */
export type LogLine = (level: string, message: string, fields: Readonly<Record<string, unknown>>) => void;

export function simulatedLogger(line: LogLine, own: Readonly<Record<string, unknown>> = {}): Logger {
  const write =
    (level: string): Logger["info"] =>
    (message, fields) =>
      line(level, message, { ...own, ...fields });
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => simulatedLogger(line, { ...own, ...fields }),
  };
}

/** In one line, errors without their stacks: those differ between builds. */
export function logText(message: string, fields: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`);
  return [message, ...shown].join(" ");
}

function valueText(value: unknown): string {
  const text = typeof value === "object" && !(value instanceof Error) ? JSON.stringify(value) : String(value);
  return (text ?? "").split("\n")[0]!.slice(0, 200);
}
