import { isAscii } from "node:buffer";
import { ConnectError, type SourceRecord } from "@millrace/connect";
import type { ByteInput } from "./byte-input.ts";
import { completeLinesEnd, LineBlock, type LineTarget } from "./line-block.ts";

const READ_BYTES = 256 * 1024;
/** Text is decoded in pieces that the young generation holds: V8 keeps larger strings until a full collection. */
const PIECE_BYTES = 64 * 1024;
/** A longer line fails the task: bounded memory (I8). */
const LINE_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Lines of one input, read one block ahead of what is handed out (a failed read ahead fails the next `advance`). Two buffers take turns:
 *
 *   front: lines being handed out, piece by piece          back: the bytes read meanwhile
 *   front empty → cut the complete lines of back, copy back's unfinished last line to front, swap, read on behind it
 */
export class LineReader {
  readonly input: ByteInput;
  #front = Buffer.allocUnsafeSlow(READ_BYTES);
  #back = Buffer.allocUnsafeSlow(READ_BYTES);
  #backBytes = 0;
  /** Position in the input of the first byte of `back`. */
  #backStart: number;
  /** Complete lines of `front` that are not in `block` yet, and the position of the first. */
  #lines = Buffer.alloc(0);
  #linesStart = 0;
  #block: LineBlock | null = null;
  #reading: Promise<number> | null = null;
  #advancing: Promise<boolean> | null = null;

  constructor(input: ByteInput, start: number) {
    this.input = input;
    this.#backStart = start;
  }

  /** Records from what has been read; empty when `advance` must come first. */
  take(recordsMax: number, target: LineTarget, timestamp: number): SourceRecord[] {
    let records: SourceRecord[] = [];
    while (records.length < recordsMax) {
      if (this.#block === null || this.#block.empty) {
        if (!this.#nextBlock()) break;
        continue;
      }
      const more = this.#block.take(recordsMax - records.length, target, timestamp);
      records = records.length === 0 ? more : records.concat(more);
    }
    return records;
  }

  /** Waits until `take` has something; false at the end of the input. A call while one waits joins it. */
  advance(): Promise<boolean> {
    this.#advancing ??= this.#advance().finally(() => {
      this.#advancing = null;
    });
    return this.#advancing;
  }

  /** The unfinished last line as a record of its own, for an input that will not go on; empty when there is none. */
  takeRest(target: LineTarget, timestamp: number): SourceRecord[] {
    if (this.#backBytes === 0) return [];
    const rest = this.#back.subarray(0, this.#backBytes);
    const withoutCr = rest.at(-1) === 13 ? rest.subarray(0, -1) : rest;
    const line = Buffer.concat([withoutCr, Buffer.from("\n")]);
    this.#backStart += this.#backBytes;
    this.#backBytes = 0;
    return new LineBlock(line, isAscii(line), this.#backStart - line.length).take(1, target, timestamp);
  }

  async close(): Promise<void> {
    const closed = this.input.close();
    if (!this.input.blocks) await closed;
  }

  async #advance(): Promise<boolean> {
    for (;;) {
      if (this.#lines.length > 0 || this.#cut()) return true;
      this.#reading ??= this.#read();
      const length = await this.#reading;
      this.#reading = null;
      if (length === 0) return false;
    }
  }

  #nextBlock(): boolean {
    if (this.#lines.length === 0 && !this.#cut()) return false;
    const lines = this.#lines;
    const end = lines.length <= PIECE_BYTES ? 0 : completeLinesEnd(lines.subarray(0, PIECE_BYTES));
    const piece = end === 0 ? lines : lines.subarray(0, end);
    this.#block = new LineBlock(piece, isAscii(piece), this.#linesStart);
    this.#lines = lines.subarray(piece.length);
    this.#linesStart += piece.length;
    return true;
  }

  /** Makes the complete lines of `back` those to hand out; false when a read is under way or there are none. */
  #cut(): boolean {
    const bytes = this.#back.subarray(0, this.#backBytes);
    const end = this.#reading === null ? completeLinesEnd(bytes) : 0;
    if (end === 0) return false;
    this.#lines = bytes.subarray(0, end);
    this.#linesStart = this.#backStart;
    const rest = bytes.subarray(end);
    if (this.#front.length < rest.length) this.#front = Buffer.allocUnsafeSlow(this.#back.length);
    rest.copy(this.#front);
    [this.#front, this.#back] = [this.#back, this.#front];
    this.#backStart += end;
    this.#backBytes = rest.length;
    this.#readAhead();
    return true;
  }

  #readAhead(): void {
    const reading = this.#read();
    this.#reading = reading;
    reading.then(
      () => {
        if (this.#reading === reading) this.#reading = null;
      },
      () => {},
    );
  }

  async #read(): Promise<number> {
    if (this.#backBytes === this.#back.length) {
      if (this.#backBytes >= LINE_BYTES_MAX) {
        const message = `A line is longer than ${LINE_BYTES_MAX} bytes (it starts at byte ${this.#backStart}). Is this a text file?`;
        throw new ConnectError(message, { code: "LINE_TOO_LONG" });
      }
      const larger = Buffer.allocUnsafeSlow(this.#back.length * 2);
      this.#back.copy(larger);
      this.#back = larger;
    }
    const length = await this.input.read(this.#back, this.#backBytes);
    this.#backBytes += length;
    return length;
  }
}
