import type { Clock } from "@millrace/time";

/** A line of a connector or one of its tasks, as it was logged. */
export interface LoggedLine {
  readonly connector: string;
  readonly line: string;
}

export interface LogForwarderDeps {
  readonly send: (lines: readonly LoggedLine[]) => void;
  readonly clock: Clock;
}

const EVERY_MS = 100;
/** In one turn; a task that says more is cut short, and that is said. */
const WAITING_MAX = 500;
const LINE_CHARS_MAX = 8_000;

/** Takes what a host logs for its connectors to the control process, a few times a second. */
export class LogForwarder {
  #deps: LogForwarderDeps;
  #waiting: LoggedLine[] = [];
  #left = 0;
  #scheduled = false;

  constructor(deps: LogForwarderDeps) {
    this.#deps = deps;
  }

  /** @param line JSON, as the logger writes it. */
  write(line: string): void {
    const connector = connectorOf(line);
    if (connector === null) return;
    if (this.#waiting.length >= WAITING_MAX) this.#left++;
    else this.#waiting.push({ connector, line: bounded(line, connector) });
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#deps.clock.after(EVERY_MS, () => this.#flush());
  }

  #flush(): void {
    const lines = this.#waiting;
    this.#scheduled = false;
    this.#waiting = [];
    const last = lines.at(-1);
    if (last !== undefined && this.#left > 0) {
      const msg = `${this.#left} further lines are only in the log itself`;
      lines.push({ connector: last.connector, line: said(last.connector, msg, last.line) });
      this.#left = 0;
    }
    this.#deps.send(lines);
  }
}

function connectorOf(line: string): string | null {
  if (!line.includes('"connector":')) return null;
  try {
    const { connector } = JSON.parse(line) as { connector?: unknown };
    return typeof connector === "string" ? connector : null;
  } catch {
    return null;
  }
}

function bounded(line: string, connector: string): string {
  const text = line.trimEnd();
  if (text.length <= LINE_CHARS_MAX) return text;
  const { msg } = JSON.parse(text) as { msg?: unknown };
  return said(connector, `${String(msg).slice(0, LINE_CHARS_MAX / 2)} … (long: the log itself has the rest)`, text);
}

/** With time, level and task of another line. */
function said(connector: string, msg: string, like: string): string {
  const { time, level, task, generation } = JSON.parse(like) as Record<string, unknown>;
  return JSON.stringify({ level, time, connector, task, generation, msg });
}
