// Pure: the latest log lines of each connector, in bounded memory.
import type { LogEntry, Work } from "@millrace/protocol";
import type { HostEnd } from "./host-end.ts";
import type { LoggedLine } from "./task-host/log-forwarder.ts";

const LINES_MAX = 1_000;
const CONNECTOR_BYTES_MAX = 512 * 1024;
const BYTES_MAX = 32 * 1024 * 1024;
const ANSWER_BYTES_MAX = 400_000;

interface Ring {
  entries: LogEntry[];
  bytes: number;
}

export class LogRings {
  /** The one that was quiet longest first. */
  readonly #rings = new Map<string, Ring>();
  #bytes = 0;
  #latest = 0;

  add(lines: readonly LoggedLine[]): Record<string, never> {
    for (const { connector, line } of lines) this.#add(connector, line);
    return {};
  }

  /** What was logged last may not say why the host ended. */
  hostEnded(work: Work, end: HostEnd, nowMs: number): void {
    const { connector } = work;
    const time = new Date(nowMs).toISOString();
    const task = work.kind === "task" ? { task: work.task, generation: work.generation } : {};
    const msg = `the task host ended: ${end.reason}`;
    this.#add(connector, JSON.stringify({ level: "error", time, connector, ...task, msg }));
  }

  #add(connector: string, line: string): void {
    const ring = this.#rings.get(connector) ?? { entries: [], bytes: 0 };
    this.#rings.delete(connector);
    this.#rings.set(connector, ring);
    this.#latest++;
    ring.entries.push({ sequence: this.#latest, line });
    ring.bytes += line.length;
    this.#bytes += line.length;
    while (ring.entries.length > LINES_MAX || (ring.bytes > CONNECTOR_BYTES_MAX && ring.entries.length > 1)) {
      const { length } = ring.entries.shift()!.line;
      ring.bytes -= length;
      this.#bytes -= length;
    }
    for (const [quiet, { bytes }] of this.#rings) {
      if (this.#bytes <= BYTES_MAX || quiet === connector) break;
      this.#rings.delete(quiet);
      this.#bytes -= bytes;
    }
  }

  /** The last `lines` after `after`, oldest first; fewer where they are long. */
  tail({ connector, after, lines }: { readonly connector: string; readonly after: number; readonly lines: number }): {
    entries: LogEntry[];
    latest: number;
  } {
    const newer = (this.#rings.get(connector)?.entries ?? []).filter(({ sequence }) => sequence > after);
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (const entry of newer.slice(-lines).reverse()) {
      bytes += entry.line.length;
      if (bytes > ANSWER_BYTES_MAX && entries.length > 0) break;
      entries.unshift(entry);
    }
    return { entries, latest: this.#latest };
  }
}
