import type { Buffer as Bytes } from "node:buffer";

/** Takes the messages of a connection, in order. */
export interface MessageSink {
  /** A message's body is `bytes` from `from` to `to`. False: no further message for now; `resume` goes on after this one. */
  message(type: number, bytes: Buffer, from: number, to: number): boolean;
}

const NOTHING: Bytes = Buffer.alloc(0);

/** Cuts received bytes into messages without copying, except for those that came in pieces. */
export class MessageSplitter {
  readonly #sink: MessageSink;
  #parts: Buffer[] = [];
  #size = 0;
  #needed = 0;
  #held = false;

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  /** True while a sink holds messages back. */
  get held(): boolean {
    return this.#held;
  }

  receive(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    if (!this.#held && this.#size >= this.#needed) this.#split();
  }

  resume(): void {
    this.#held = false;
    if (this.#size >= this.#needed) this.#split();
  }

  #split(): void {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    let at = 0;
    while (at + 5 <= bytes.length) {
      const end = at + 1 + bytes.readUInt32BE(at + 1);
      if (end > bytes.length) break;
      const type = bytes[at]!;
      const body = at + 5;
      at = end;
      if (!this.#sink.message(type, bytes, body, end)) {
        this.#held = true;
        break;
      }
    }
    const rest = at === bytes.length ? NOTHING : bytes.subarray(at);
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    this.#needed = rest.length < 5 ? 5 : rest.readUInt32BE(1) + 1;
  }
}
