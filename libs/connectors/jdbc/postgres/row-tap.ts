import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { ReceivedBytes, type RowBytes } from "./row-text.ts";

const DATA_ROW = 68;
const ROW_DESCRIPTION = 84;
const NOTHING = Buffer.alloc(0);

/** Takes the rows of one query. Both get the position of the number of columns in the message, a row also where it ends. */
export interface RowSink {
  row(received: RowBytes, at: number, end: number): void;
  /** The description of the rows, which the driver gets as well. */
  described?(bytes: Buffer, at: number): void;
}

/** Who gets the rows at the moment; null leaves them to the driver. Changed only while no query runs. */
export interface RowTarget {
  sink: RowSink | null;
}

/**
 * The driver's socket, with rows taken out on the way: while `target` has a sink, DataRow messages go there and all else
 * goes on to the driver, which sees a query without rows. The driver keeps authentication, errors and the order of
 * queries; rows are decoded straight from the received bytes, several times faster than as the driver's objects.
 */
export class RowTap extends Duplex {
  readonly #socket: Socket;
  readonly #target: RowTarget;
  #partial: Buffer[] = [];
  #partialBytes = 0;
  /** Bytes the message at the start of `partial` needs in all, as far as known. */
  #neededBytes = 0;

  constructor(socket: Socket, target: RowTarget) {
    super();
    this.#socket = socket;
    this.#target = target;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  get readyState(): string {
    return this.#socket.readyState;
  }

  setKeepAlive(enable: boolean, initialDelayMs: number): void {
    this.#socket.setKeepAlive(enable, initialDelayMs);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #receive(chunk: Buffer): void {
    const { sink } = this.#target;
    if (sink === null) {
      this.push(chunk);
      return;
    }
    this.#partial.push(chunk);
    this.#partialBytes += chunk.length;
    if (this.#partialBytes < this.#neededBytes) return;
    const bytes = this.#partial.length === 1 ? chunk : Buffer.concat(this.#partial);
    const rest = this.#split(bytes, sink);
    this.#partial = rest.length === 0 ? [] : [rest];
    this.#partialBytes = rest.length;
    this.#neededBytes = rest.length < 5 ? 0 : rest.readUInt32BE(1) + 1;
  }

  /** Gives the bytes of the last message that is not complete. */
  #split(bytes: Buffer, sink: RowSink): Buffer {
    const received = new ReceivedBytes(bytes);
    let at = 0;
    let kept = 0;
    while (at + 5 <= bytes.length) {
      const next = at + 1 + bytes.readUInt32BE(at + 1);
      if (next > bytes.length) break;
      if (bytes[at] === DATA_ROW) {
        if (kept < at) this.push(bytes.subarray(kept, at));
        sink.row(received, at + 5, next);
        kept = next;
      } else if (bytes[at] === ROW_DESCRIPTION) {
        sink.described?.(bytes, at + 5);
      }
      at = next;
    }
    if (kept < at) this.push(bytes.subarray(kept, at));
    return at === bytes.length ? NOTHING : bytes.subarray(at);
  }
}
