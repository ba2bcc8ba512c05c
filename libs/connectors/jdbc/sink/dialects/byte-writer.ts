const START_BYTES = 4096;
/** UTF-8 never needs more for one UTF-16 unit. */
const UTF8_BYTES_PER_UNIT = 3;

/** Bytes that grow; numbers are big-endian, as Postgres sends them. */
export class ByteWriter {
  #buffer: Buffer;
  #view: DataView;
  /** Where the next byte goes; may be set back. */
  at = 0;

  /** @param bytes how many there will probably be. */
  constructor(bytes = START_BYTES) {
    this.#buffer = Buffer.allocUnsafeSlow(bytes);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** What was written. The writer isn't used any more. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.at);
  }

  /** What follows needs no look at the room, up to so many bytes. */
  reserve(bytes: number): void {
    if (this.at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.at + bytes));
    this.#buffer.copy(larger, 0, 0, this.at);
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }

  int8(value: number): void {
    this.#view.setInt8(this.at, value);
    this.at += 1;
  }

  int16(value: number): void {
    this.#view.setInt16(this.at, value);
    this.at += 2;
  }

  int32(value: number): void {
    this.#view.setInt32(this.at, value);
    this.at += 4;
  }

  int64(value: number | bigint): void {
    if (typeof value === "bigint") this.#view.setBigInt64(this.at, value);
    else {
      this.#view.setInt32(this.at, Math.floor(value / 0x1_0000_0000));
      this.#view.setUint32(this.at + 4, value >>> 0);
    }
    this.at += 8;
  }

  float32(value: number): void {
    this.#view.setFloat32(this.at, value);
    this.at += 4;
  }

  float64(value: number): void {
    this.#view.setFloat64(this.at, value);
    this.at += 8;
  }

  /** Its length in bytes, then the text as UTF-8. Makes room itself. */
  text(value: string): void {
    this.reserve(4 + value.length * UTF8_BYTES_PER_UNIT);
    const length = this.#buffer.write(value, this.at + 4, "utf8");
    this.int32(length);
    this.at += length;
  }

  /** Their length, then the bytes. Makes room itself. */
  lengthAndBytes(value: Uint8Array): void {
    this.reserve(4 + value.length);
    this.int32(value.length);
    this.#buffer.set(value, this.at);
    this.at += value.length;
  }

  int16At(position: number, value: number): void {
    this.#view.setInt16(position, value);
  }

  int32At(position: number, value: number): void {
    this.#view.setInt32(position, value);
  }
}
