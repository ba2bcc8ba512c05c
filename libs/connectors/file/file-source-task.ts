import {
  ConnectError,
  type OffsetMap,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
} from "@millrace/connect";
import { openFile, standardInput } from "./byte-input.ts";
import { FILENAME_FIELD, fileSourceConfig, POSITION_FIELD } from "./file-source-config.ts";
import type { LineTarget } from "./line-block.ts";
import { LineReader } from "./line-reader.ts";

const MISSING_RETRY_MS = 1000;
/** How long a poll waits at the end of the input before it answers null. */
const IDLE_MS = 100;
/** Waits at the end of the input between two looks at what the path names now. */
const IDLES_PER_CHECK = 10;

/**
 *   no file ──exists──▶ reading ⇄ at the end ──path names other content, and a second later still nothing new──▶ no file
 *
 * A file that was replaced (rotated) is read to its end first, then the new one from its first byte; a truncated file
 * starts over. Kafka Connect's own task keeps the stream it opened and would never see either.
 */
export class FileSourceTask implements SourceTask {
  #context!: SourceTaskContext;
  #file: string | null = null;
  #batchSize = 0;
  #target!: LineTarget;
  #reader: LineReader | null = null;
  /** Byte to open the file at; null: ask the stored offset. */
  #start: number | null = null;
  #idles = 0;
  #outdatedBefore = false;

  start(context: SourceTaskContext): void {
    const config = fileSourceConfig(context.config);
    this.#context = context;
    this.#file = config.file;
    this.#batchSize = config.batchSize;
    context.metrics.gauge("lag_bytes", {
      help: "Bytes of the file that are not read yet",
      read: () => this.#reader?.input.behind?.() ?? null,
    });
    this.#target = {
      topic: config.topic,
      sourcePartition: config.file === null ? null : { [FILENAME_FIELD]: config.file },
    };
  }

  poll(): readonly SourceRecord[] | null | Promise<readonly SourceRecord[] | null> {
    const records = this.#take();
    return records.length > 0 ? records : this.#pollSlowly();
  }

  async stop(): Promise<void> {
    await this.#reader?.close();
    this.#reader = null;
  }

  #take(): SourceRecord[] {
    return this.#reader?.take(this.#batchSize, this.#target, this.#context.nowMs()) ?? [];
  }

  async #pollSlowly(): Promise<readonly SourceRecord[] | null> {
    this.#reader ??= await this.#open();
    if (this.#reader === null) return this.#wait(MISSING_RETRY_MS);
    const advanced = this.#reader.input.blocks
      ? await Promise.race([this.#reader.advance(), this.#wait(MISSING_RETRY_MS)])
      : await this.#reader.advance();
    if (advanced === true) {
      this.#idles = 0;
      this.#outdatedBefore = false;
      return this.#take();
    }
    this.#idles++;
    if (this.#idles % IDLES_PER_CHECK === 0) return this.#checkOutdated(this.#reader);
    return advanced === null ? null : this.#wait(IDLE_MS);
  }

  async #open(): Promise<LineReader | null> {
    if (this.#file === null) return new LineReader(standardInput, 0);
    this.#start ??= await this.#storedPosition();
    const opened = await openFile(this.#file, this.#start);
    if (opened === null) {
      this.#context.logger.warn("File not found; waiting for it to be created.", { file: this.#file });
      return null;
    }
    if (opened.start !== this.#start) {
      this.#context.logger.warn(
        "File is shorter than the stored position, so it is other content: reading from its start.",
        {
          file: this.#file,
          position: this.#start,
        },
      );
    }
    return new LineReader(opened.input, opened.start);
  }

  async #storedPosition(): Promise<number> {
    const offset: OffsetMap | null = await this.#context.offsets.offset(this.#target.sourcePartition!);
    const position = offset?.[POSITION_FIELD];
    if (position === null || position === undefined) return 0;
    if (typeof position === "bigint") return Number(position);
    if (typeof position === "number" && Number.isSafeInteger(position) && position >= 0) return position;
    throw new ConnectError("Offset position is the incorrect type", { code: "OFFSET_INVALID" });
  }

  async #checkOutdated(reader: LineReader): Promise<readonly SourceRecord[] | null> {
    const outdated = await reader.input.outdated();
    if (outdated === null || !this.#outdatedBefore) {
      this.#outdatedBefore = outdated !== null;
      return this.#wait(IDLE_MS);
    }
    this.#context.logger.info(`File was ${outdated}; reading from its start.`, { file: this.#file });
    const rest = reader.takeRest(this.#target, this.#context.nowMs());
    await reader.close();
    this.#reader = null;
    this.#start = 0;
    this.#outdatedBefore = false;
    return rest;
  }

  async #wait(delayMs: number): Promise<null> {
    const { signal } = this.#context;
    try {
      await this.#context.sleep(delayMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return null;
  }
}
