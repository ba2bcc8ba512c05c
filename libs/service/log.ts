import { pino } from "pino";
import { logLine } from "./log-line.ts";
import { showable, withoutUrlCredentials } from "./secret.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** Fields are shown with secrets hidden; an Error among them with its stack and causes. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** The same logger with these fields on every entry, e.g. `{connector, task, generation}`. */
  child(fields: Record<string, unknown>): Logger;
}

/** Takes whole lines. */
export interface LogDestination {
  write(line: string): unknown;
}

export interface LogOptions {
  /** The service's, e.g. `runner`. */
  readonly name: string;
  /** A `LogLevel`, default info. Any other text is refused when the logger is made. */
  readonly level?: string;
  /** A line for people instead of JSON. Default, or null: when standard output is a terminal. */
  readonly pretty?: boolean | null;
  /** Default: standard output, written before the call returns, so that a crash loses no line. */
  readonly destination?: LogDestination;
}

/** @param options see `WorkerConfig.logLevel` and `logFormat` for what users say. */
export function createLogger(options: LogOptions): Logger {
  const terminal = options.destination === undefined && process.stdout.isTTY === true;
  const destination = options.destination ?? pino.destination({ dest: 1, sync: true });
  const pretty: LogDestination = { write: (line) => destination.write(logLine(line, terminal)) };
  const target = pino(
    {
      level: options.level ?? "info",
      base: { name: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    (options.pretty ?? terminal) ? pretty : destination,
  );
  return wrap(target);
}

/** The logger of a service, as its worker settings say: level, format, and a file in place of standard output. */
export function createWorkerLogger(
  name: string,
  settings: {
    readonly logLevel: LogLevel;
    readonly logFormat: "text" | "json" | null;
    readonly logFile: string | null;
  },
): Logger {
  const { logLevel: level, logFormat, logFile } = settings;
  const pretty = logFormat === null ? null : logFormat === "text";
  const destination =
    logFile === null ? {} : { destination: pino.destination({ dest: logFile, mkdir: true, sync: true }) };
  return createLogger({ name, level, pretty, ...destination });
}

/** A logger that says nothing, for tests. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

function wrap(target: pino.Logger): Logger {
  const write = (level: LogLevel) => (message: string, fields?: Record<string, unknown>) => {
    if (!target.isLevelEnabled(level)) return;
    const shown = withoutUrlCredentials(message);
    if (fields === undefined) target[level](shown);
    else target[level](showable(fields), shown);
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => wrap(target.child(showable(fields) as Record<string, unknown>)),
  };
}
