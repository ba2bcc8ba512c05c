import type { Bus } from "@millrace/bus";
import { runnerStats, type TaskStats } from "@millrace/protocol";
import { type Shop, TABLES, type Table } from "./shop.ts";
import { renderLine, renderView, type ViewState } from "./view.ts";

export interface LiveViewDeps {
  readonly shop: Shop;
  /** How many records of the table's topic a read_committed consumer has seen. */
  readonly recordsOf: (table: Table) => number;
  readonly bus: Bus;
  readonly base: string;
  readonly connector: string;
  readonly events: readonly string[];
}

const TERMINAL_MS = 250;
const LINES_MS = 2_000;
const RATE_WINDOW_MS = 5_000;

/** What runs, drawn in place on a terminal, else a line every two seconds. */
export class LiveView {
  #deps: LiveViewDeps;
  #startMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;
  /** Transactions of hosts that are gone, as last heard, and of those that run. */
  #transactionsGone = 0;
  #last = new Map<string, TaskStats>();
  #samples: { atMs: number; records: number }[] = [];
  #busy = false;

  constructor(deps: LiveViewDeps) {
    this.#deps = deps;
  }

  start(): void {
    const terminal = process.stdout.isTTY === true;
    this.#timer = setInterval(() => void this.#tick(terminal), terminal ? TERMINAL_MS : LINES_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves when as many records as rows are committed, or nothing has come for a while; draws a last time. */
  async untilDrained(maxMs: number): Promise<void> {
    const { shop } = this.#deps;
    let records = -1;
    let movedMs = performance.now();
    const startMs = movedMs;
    for (;;) {
      const state = await this.#state();
      const now = state.tables.reduce((sum, table) => sum + table.records, 0);
      if (now !== records) movedMs = performance.now();
      records = now;
      const quietMs = performance.now() - movedMs;
      if ((records >= shop.total && quietMs > 500) || quietMs > 15_000 || performance.now() - startMs > maxMs) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.#tick(process.stdout.isTTY === true);
  }

  async #tick(terminal: boolean): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const state = await this.#state();
      if (!terminal) process.stdout.write(`${renderLine(state)}\n`);
      else {
        // A line that wrapped would be two to move back over.
        const columns = (process.stdout.columns ?? 80) - 1;
        const lines = renderView(state).map((line) => line.slice(0, columns));
        const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : "";
        process.stdout.write(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join("")}\u001b[J`);
        this.#drawn = lines.length;
      }
    } finally {
      this.#busy = false;
    }
  }

  async #state(): Promise<ViewState> {
    const { shop, bus, events } = this.#deps;
    const { hosts } = await bus.request(runnerStats, {}, { timeoutMs: 1_000 }).catch(() => ({ hosts: [] }));
    const tasks = hosts.flatMap(({ pid, tasks: running }) => running.map((stats) => ({ pid, stats })));
    this.#keepWhatIsGone(tasks);
    const elapsedMs = performance.now() - this.#startMs;
    const tables = TABLES.map((name) => ({ name, rows: shop.written[name], records: this.#deps.recordsOf(name) }));
    const records = tables.reduce((total, table) => total + table.records, 0);
    this.#samples = [
      ...this.#samples.filter(({ atMs }) => elapsedMs - atMs < RATE_WINDOW_MS),
      { atMs: elapsedMs, records },
    ];
    const first = this.#samples[0]!;
    const overMs = Math.max(1, elapsedMs - first.atMs);
    const states = await this.#taskStates();
    return {
      elapsedMs,
      tables,
      recordsPerSecond: (Math.max(0, records - first.records) * 1000) / overMs,
      transactions: this.#transactionsGone + tasks.reduce((total, { stats }) => total + stats.transactions, 0),
      tasks: states.map(({ id, state }) => ({
        id,
        state,
        host: tasks.find(({ stats }) => stats.task === id)?.pid ?? null,
      })),
      events,
    };
  }

  /** A killed host's counters go with it: its last word is kept. */
  #keepWhatIsGone(tasks: readonly { pid: number; stats: TaskStats }[]): void {
    const now = new Map(tasks.map(({ pid, stats }) => [`${pid} ${stats.task}`, stats]));
    for (const [key, last] of this.#last) {
      if (!now.has(key)) this.#transactionsGone += last.transactions;
    }
    this.#last = now;
  }

  async #taskStates(): Promise<{ id: number; state: string }[]> {
    try {
      const answer = await fetch(`${this.#deps.base}/connectors/${this.#deps.connector}/status`);
      return answer.ok ? ((await answer.json()) as { tasks: { id: number; state: string }[] }).tasks : [];
    } catch {
      return [];
    }
  }
}
