// Pure: bytes of messages without an allocation of its own for each.

import { type ByteView, byteView } from "./json-bytes.ts";

const CHUNK_BYTES = 256 * 1024;
/** Text this long gets a buffer of its own. */
const LONG_TEXT = 16 * 1024;
/** UTF-8 never needs more for one UTF-16 unit. */
export const UTF8_BYTES_PER_UNIT = 3;
export const NO_BYTES = new Uint8Array(0);

/**
 * Hands out slices of a chunk, one after the other; a full chunk is left to its slices and a new one begun. A slice is
 * never written again, so it stays valid as long as anyone holds it; holding one keeps its whole chunk in memory.
 */
export class ByteArena {
  #chunk: ByteView<Buffer> = newChunk(0);
  #used = 0;

  /** The bytes of the text, behind those of the prefix. */
  utf8(text: string, prefix: Uint8Array = NO_BYTES): Uint8Array {
    if (prefix.length + text.length > LONG_TEXT) return Buffer.concat([prefix, Buffer.from(text, "utf8")]);
    const chunk = this.room(prefix.length + text.length * UTF8_BYTES_PER_UNIT);
    const start = this.#used;
    if (prefix.length > 0) chunk.set(prefix, start);
    return this.take(start + prefix.length + chunk.write(text, start + prefix.length, "utf8"));
  }

  /** Where the next slice begins in the chunk that `room` gave last. */
  get position(): number {
    return this.#used;
  }

  /** A chunk with this much room behind `position`; at most half a chunk. */
  room(bytes: number): Buffer {
    if (this.#used + bytes > this.#chunk.bytes.length) {
      this.#chunk = newChunk(CHUNK_BYTES);
      this.#used = 0;
    }
    return this.#chunk.bytes;
  }

  /** That chunk. */
  get chunk(): ByteView {
    return this.#chunk;
  }

  /** The slice from `position` to here. */
  take(end: number): Uint8Array {
    const start = this.#used;
    this.#used = end;
    // A plain view costs half of what Buffer's own subarray does.
    return new Uint8Array(this.#chunk.bytes.buffer, start, end - start);
  }
}

function newChunk(bytes: number): ByteView<Buffer> {
  return byteView(Buffer.allocUnsafeSlow(bytes));
}

/** What `room` may be asked for. */
export const ROOM_BYTES_MAX = CHUNK_BYTES / 2;
