import { offsetFrom } from "./define-source-offset.ts";
import { PartitionReader, type PartitionReaderDeps } from "./define-source-reader.ts";
import type { OffsetMap, SourceRecord } from "./record.ts";
import type { SourceTask, SourceTaskContext } from "./source.ts";

interface GeneratorTaskDeps<O extends OffsetMap> {
  readonly start: O;
  /** Reads the task's config. */
  readonly prepare: (context: SourceTaskContext) => {
    readonly partitions: readonly OffsetMap[];
    readonly pollIntervalMs: number;
  };
  readonly read: (
    context: SourceTaskContext,
    at: { readonly partition: OffsetMap; readonly offset: O; readonly signal: AbortSignal },
  ) => ReturnType<PartitionReaderDeps<O>["read"]>;
}

/** How long a poll waits for a record. */
const POLL_WAIT_MS = 1000;
/** How long `read` may take to notice that its signal is aborted before it is left behind. */
const STOP_WAIT_MS = 5000;

/** Polls what the partitions' readers have read. A batch that was yielded together stays together. */
export class GeneratorTask<O extends OffsetMap> implements SourceTask {
  readonly #deps: GeneratorTaskDeps<O>;
  readonly #stopping = new AbortController();
  #context: SourceTaskContext | null = null;
  #readers: readonly PartitionReader<O>[] = [];
  #wake = (): void => {};

  constructor(deps: GeneratorTaskDeps<O>) {
    this.#deps = deps;
  }

  async start(context: SourceTaskContext): Promise<void> {
    const { start, prepare, read } = this.#deps;
    const { signal } = this.#stopping;
    const { partitions, pollIntervalMs } = prepare(context);
    const stored = await context.offsets.offsets(partitions);
    const offsets = partitions.map((_, i) => offsetFrom(start, stored[i] ?? null));
    this.#context = context;
    this.#readers = partitions.map((partition, i) => {
      return new PartitionReader({
        partition,
        offset: offsets[i]!,
        read: (offset) => read(context, { partition, offset, signal }),
        pollIntervalMs,
        signal,
        sleep: (delayMs, until) => context.sleep(delayMs, until),
        arrived: () => this.#wake(),
      });
    });
    if (context.signal.aborted) this.#abort();
    else context.signal.addEventListener("abort", this.#abort, { once: true });
  }

  poll(): readonly SourceRecord[] | Promise<readonly SourceRecord[]> {
    const records = this.#take();
    return records.length > 0 || this.#stopping.signal.aborted ? records : this.#pollLater();
  }

  async stop(): Promise<void> {
    const context = this.#context;
    if (context === null) return;
    this.#context = null;
    context.signal.removeEventListener("abort", this.#abort);
    this.#abort();
    const late = new AbortController();
    const ended = Promise.all(this.#readers.map((reader) => reader.ended)).then(() => late.abort());
    const deadline = context.sleep(STOP_WAIT_MS, late.signal).then(
      () => context.logger.warn("read goes on though its signal is aborted; it is left behind", { task: context.task }),
      () => {},
    );
    await Promise.race([ended, deadline]);
  }

  async #pollLater(): Promise<readonly SourceRecord[]> {
    const waiting = new AbortController();
    this.#wake = () => waiting.abort();
    await this.#context!.sleep(POLL_WAIT_MS, waiting.signal).catch(() => {});
    return this.#take();
  }

  /** A failure comes first, so that a busy partition cannot hide another's; what the others have stays for the next poll. */
  #take(): SourceRecord[] {
    for (const reader of this.#readers) reader.throwFailure();
    let records: SourceRecord[] = [];
    for (const reader of this.#readers) {
      const taken = reader.take();
      if (taken.length > 0) records = records.length === 0 ? taken : records.concat(taken);
    }
    return records;
  }

  readonly #abort = (): void => {
    this.#stopping.abort(new Error("the task was asked to stop"));
    this.#wake();
  };
}
