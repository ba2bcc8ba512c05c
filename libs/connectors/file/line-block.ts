// Pure: cuts a block of bytes into lines.
import type { OffsetMap, SourceRecord } from "@millrace/connect";
import { Schema } from "@millrace/connect";

const LF = 10;
const CR = 13;

/**
 * Where the last complete line of `bytes` ends, terminator included; 0 when there is none. Lines end with \n, \r or
 * \r\n. A \r in last place does not end a line yet: its \n may still come.
 */
export function completeLinesEnd(bytes: Buffer): number {
  const afterLf = bytes.lastIndexOf(LF) + 1;
  const beforeLast = bytes.length - 2;
  if (beforeLast < afterLf) return afterLf;
  const afterCr = afterLf + bytes.subarray(afterLf, bytes.length - 1).lastIndexOf(CR) + 1;
  return Math.max(afterLf, afterCr);
}

export interface LineTarget {
  readonly topic: string;
  /** Null when positions are not tracked (standard input). */
  readonly sourcePartition: OffsetMap | null;
}

/**
 * Complete lines waiting to become records. Decoded once as a whole: one character of `text` per byte, so that indexes
 * are byte positions; a block that is not pure ASCII decodes each line as UTF-8 from `bytes`.
 */
export class LineBlock {
  readonly #bytes: Buffer;
  readonly #text: string;
  readonly #ascii: boolean;
  /** Position of the block's first byte in the file. */
  readonly #start: number;
  #at = 0;
  /** The next \n and \r, or Infinity: looked for again only when passed. */
  #lf: number;
  #cr: number;

  /** `bytes` must end where a line ends, and stay unchanged until the block is empty. */
  constructor(bytes: Buffer, ascii: boolean, start: number) {
    this.#bytes = bytes;
    this.#text = bytes.toString("latin1");
    this.#ascii = ascii;
    this.#start = start;
    this.#lf = indexFrom(this.#text, "\n", 0);
    this.#cr = indexFrom(this.#text, "\r", 0);
  }

  get empty(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The next lines as records, at most `recordsMax`; each offset is the byte position after the line's terminator. */
  take(recordsMax: number, target: LineTarget, timestamp: number): SourceRecord[] {
    const { topic, sourcePartition } = target;
    const text = this.#text;
    const records: SourceRecord[] = [];
    let at = this.#at;
    while (records.length < recordsMax && at < text.length) {
      const end = Math.min(this.#lf, this.#cr);
      const next = end + 1 === this.#lf ? end + 2 : end + 1;
      if (this.#lf < next) this.#lf = indexFrom(text, "\n", next);
      if (this.#cr < next) this.#cr = indexFrom(text, "\r", next);
      records.push({
        sourcePartition,
        sourceOffset: sourcePartition === null ? null : { position: this.#start + next },
        topic,
        valueSchema: Schema.STRING,
        value: this.#ascii ? text.substring(at, end) : this.#bytes.toString("utf8", at, end),
        timestamp,
      });
      at = next;
    }
    this.#at = at;
    return records;
  }
}

function indexFrom(text: string, char: string, from: number): number {
  const at = text.indexOf(char, from);
  return at === -1 ? Number.POSITIVE_INFINITY : at;
}
