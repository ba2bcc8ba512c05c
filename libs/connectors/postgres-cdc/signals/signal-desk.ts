import type { Logger, OffsetMap } from "@millrace/connect";
import type { SignalSettings } from "../config/signal-settings.ts";
import type { IncrementalSnapshot } from "../incremental/incremental-snapshot.ts";
import type { TableShape } from "../tables/table-shape.ts";
import type { ChangeWatch } from "./change-watch.ts";
import { type Action, actionOf, type Signal, type SnapshotRequest } from "./signal.ts";

export interface SignalDeskDeps {
  readonly settings: SignalSettings;
  /** Null: neither a signal table nor read.only, so there can be none. */
  readonly incremental: IncrementalSnapshot | null;
  readonly logger: Logger;
  blocking(request: SnapshotRequest): Promise<void>;
  offset(): OffsetMap;
}

/** Does what signals ask for. All calls are made while the stream stands still. */
export class SignalDesk implements ChangeWatch {
  readonly #deps: SignalDeskDeps;

  constructor(deps: SignalDeskDeps) {
    this.#deps = deps;
  }

  changing(
    op: "c" | "u" | "d",
    shape: TableShape,
    before: unknown[] | null,
    after: unknown[] | null,
  ): Promise<void> | null {
    const { incremental } = this.#deps;
    if (op !== "u" && this.#isSignalTable(shape)) {
      const signal = this.#signalOf(op, op === "c" ? after! : before!);
      if (signal !== null) return this.act(signal);
    }
    if (incremental?.waits) {
      if (before !== null) incremental.streamed(shape, before);
      if (after !== null) incremental.streamed(shape, after);
    }
    return null;
  }

  truncating(shape: TableShape): void {
    this.#deps.incremental?.truncated(shape);
  }

  reached(lsn: number): Promise<void> | null {
    return this.#deps.incremental?.reached(lsn) ?? null;
  }

  async act(signal: Signal): Promise<void> {
    const action = actionOf(signal);
    if (action.kind === "refused") this.#refuse(signal, action.reason);
    else await this.#do(action, signal);
  }

  async #do(action: Exclude<Action, { kind: "refused" }>, signal: Signal): Promise<void> {
    const { incremental, logger, blocking, offset } = this.#deps;
    if (action.kind === "log") return logger.info(action.message.replace("{}", () => JSON.stringify(offset())));
    if (action.kind === "execute") {
      const { kind, collections } = action.request;
      logger.info("Snapshot asked for.", { signal: signal.id, kind, collections });
      if (kind === "blocking") return blocking(action.request);
    }
    if (incremental === null)
      return this.#refuse(signal, "there is no signal.data.collection, and read.only is not true");
    switch (action.kind) {
      case "execute":
        return incremental.execute(action.request);
      case "stop":
        return incremental.stop(action.collections);
      case "pause":
        return incremental.pause();
      case "resume":
        return incremental.resume();
      case "window":
        return incremental.marked(action.edge, action.id);
    }
  }

  #signalOf(op: "c" | "d", row: readonly unknown[]): Signal | null {
    if (row.length !== 3) {
      this.#deps.logger.warn("Row of the signal table ignored: it has three columns, id, type and data.");
      return null;
    }
    const [id, type, data] = row.map((value) => (typeof value === "string" ? value : null));
    const mark = id?.endsWith("-open") || id?.endsWith("-close");
    if (op === "d") {
      // Only the end of a window is told by a deletion.
      return mark ? { id: id!.replace("open", "close"), type: "snapshot-window-close", data: null } : null;
    }
    if (id == null || type == null || (!this.#deps.settings.fromTable && !mark)) return null;
    return { id, type, data: data ?? null };
  }

  #isSignalTable({ schema, name }: TableShape): boolean {
    return this.#deps.settings.tables.some((each) => each.name === name && each.schema === schema);
  }

  #refuse({ id, type }: Signal, reason: string): void {
    this.#deps.logger.warn("Signal ignored.", { id, type, reason });
  }
}
