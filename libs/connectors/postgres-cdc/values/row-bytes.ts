// Pure: values in the text form Postgres sends them in, read straight from the received bytes.

/** Received bytes, with every byte as a character of `latin1` too. */
export interface RowBytes {
  readonly bytes: Buffer;
  readonly latin1: string;
}

/** What came in one piece. Most rows become JSON from their bytes, and nobody asks for characters. */
export class ReceivedBytes implements RowBytes {
  readonly bytes: Buffer;
  #latin1: string | null = null;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get latin1(): string {
    this.#latin1 ??= this.bytes.toString("latin1");
    return this.#latin1;
  }
}

/** Reads the value in bytes `from` to `to`, never null. */
export type ValueReader = (row: RowBytes, from: number, to: number) => unknown;

/** Digits that always make a safe integer. */
const SAFE_DIGITS = 15;
/** Longer text is decoded by the runtime. V8 makes a longer substring a view that keeps all the received text alive. */
const SHORT_TEXT_BYTES = 12;
const MINUS = 45;
const ZERO = 48;

export function rowBytesOf(text: string): RowBytes {
  return new ReceivedBytes(Buffer.from(text, "utf8"));
}

/** A reader's answer for a value given as text. */
export function readText(reader: ValueReader, text: string): unknown {
  const row = rowBytesOf(text);
  return reader(row, 0, row.bytes.length);
}

export function readString({ bytes, latin1 }: RowBytes, from: number, to: number): string {
  if (to - from > SHORT_TEXT_BYTES) return bytes.toString("utf8", from, to);
  let all = 0;
  for (let i = from; i < to; i++) all |= bytes[i]!;
  return all < 128 ? latin1.substring(from, to) : bytes.toString("utf8", from, to);
}

/** A number when safe, else a bigint. */
export function readInteger({ bytes, latin1 }: RowBytes, from: number, to: number): number | bigint {
  if (to - from > SAFE_DIGITS) {
    const big = BigInt(latin1.substring(from, to));
    return big <= Number.MAX_SAFE_INTEGER && big >= Number.MIN_SAFE_INTEGER ? Number(big) : big;
  }
  const negative = bytes[from] === MINUS;
  const value = digits(bytes, negative ? from + 1 : from, to);
  return negative ? -value : value;
}

export function readFloat({ latin1 }: RowBytes, from: number, to: number): number {
  return Number(latin1.substring(from, to));
}

export function readBoolean({ bytes }: RowBytes, from: number): boolean {
  return bytes[from] === 116;
}

/** Of a `bit(1)`. */
export function readBit({ bytes }: RowBytes, from: number): boolean {
  return bytes[from] === 49;
}

/** Of `bytea`, as `\x…`. */
export function readBytes({ latin1 }: RowBytes, from: number, to: number): Uint8Array {
  return Buffer.from(latin1.substring(from + 2, to), "hex");
}

/** Bits as bytes, the lowest first, without empty bytes at the end: Java's BitSet. */
export function readBits({ latin1 }: RowBytes, from: number, to: number): Uint8Array {
  const found: number[] = [];
  for (let end = to; end > from; end -= 8)
    found.push(Number.parseInt(latin1.substring(Math.max(from, end - 8), end), 2));
  while (found.at(-1) === 0) found.pop();
  return Uint8Array.from(found);
}

export function digits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + bytes[i]! - ZERO;
  return value;
}
