import { pino } from "pino";
import { type LogLevel, LogLevels, parseLogLevel } from "./log-levels.ts";
import { logLine } from "./log-line.ts";
import { showable, withoutUrlCredentials } from "./secret.ts";

/** Fields are shown with secrets hidden; an Error among them with its stack and causes. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /**
   * The same logger with these fields on every entry, e.g. `{connector, task, generation}`. `logger`: a name of its own, by
   * which its level can be set, e.g. a connector's class.
   */
  child(fields: Record<string, unknown>, logger?: string): Logger;
}

/** Takes whole lines. */
export interface LogDestination {
  write(line: string): unknown;
}

export interface LogOptions {
  /** The service's, e.g. `runner`. */
  readonly name: string;
  /** Default: `level` for every logger. */
  readonly levels?: LogLevels;
  /** A `LogLevel`, default info. Any other text is refused when the logger is made. */
  readonly level?: string;
  /** A line for people instead of JSON. Default, or null: when standard output is a terminal. */
  readonly pretty?: boolean | null;
  /** Default: standard output, written before the call returns, so that a crash loses no line. */
  readonly destination?: LogDestination;
  /** Gets every line that is written too, as JSON. Must not throw, nor log. */
  readonly tee?: (line: string) => void;
}

/** @param options see `WorkerConfig.logLevel` and `logFormat` for what users say. */
export function createLogger(options: LogOptions): Logger {
  const terminal = options.destination === undefined && process.stdout.isTTY === true;
  const destination = options.destination ?? pino.destination({ dest: 1, sync: true });
  const pretty: LogDestination = { write: (line) => destination.write(logLine(line, terminal)) };
  const main = (options.pretty ?? terminal) ? pretty : destination;
  const { tee } = options;
  const both: LogDestination = {
    write(line) {
      main.write(line);
      tee?.(line);
    },
  };
  const target = pino(
    {
      level: "trace",
      base: { name: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    tee === undefined ? main : both,
  );
  return wrap({ target, name: options.name, levels: options.levels ?? levelsOf(options.level ?? "info") });
}

function levelsOf(level: string): LogLevels {
  const known = parseLogLevel(level);
  if (known === null) throw new Error(`There is no log level '${level}'`);
  return new LogLevels(known);
}

/** The logger of a service, as its worker settings say: level, format, and a file in place of standard output. */
export function createWorkerLogger(
  name: string,
  settings: {
    readonly logLevel: LogLevel;
    readonly logFormat: "text" | "json" | null;
    readonly logFile: string | null;
  },
  levels?: LogLevels,
  tee?: LogOptions["tee"],
): Logger {
  const { logLevel: level, logFormat, logFile } = settings;
  const pretty = logFormat === null ? null : logFormat === "text";
  const destination =
    logFile === null ? {} : { destination: pino.destination({ dest: logFile, mkdir: true, sync: true }) };
  return createLogger({
    name,
    level,
    pretty,
    ...destination,
    ...(levels === undefined ? {} : { levels }),
    ...(tee && { tee }),
  });
}

/** A logger that says nothing, for tests. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

interface Wrapped {
  readonly target: pino.Logger;
  /** By which `levels` know it. */
  readonly name: string;
  readonly levels: LogLevels;
}

type Said = "debug" | "info" | "warn" | "error";

function wrap({ target, name, levels }: Wrapped): Logger {
  // As of `levels.version`, so that asking for every entry costs next to nothing.
  let version = -1;
  let enabled: Partial<Record<Said, boolean>> = {};
  const isEnabled = (level: Said): boolean => {
    if (version !== levels.version) enabled = {};
    version = levels.version;
    enabled[level] ??= levels.isEnabled(name, level);
    return enabled[level];
  };
  const write = (level: Said) => (message: string, fields?: Record<string, unknown>) => {
    if (!isEnabled(level)) return;
    const shown = withoutUrlCredentials(message);
    if (fields === undefined) target[level](shown);
    else target[level](showable(fields), shown);
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields, logger) => {
      const shown = showable(logger === undefined ? fields : { ...fields, logger }) as Record<string, unknown>;
      return wrap({ target: target.child(shown), name: logger ?? name, levels });
    },
  };
}
