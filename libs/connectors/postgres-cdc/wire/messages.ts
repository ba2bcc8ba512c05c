// Pure: frames of the Postgres protocol, version 3.

export const MESSAGE = {
  authentication: 82,
  backendKey: 75,
  parameter: 83,
  ready: 90,
  error: 69,
  notice: 78,
  rowDescription: 84,
  dataRow: 68,
  commandComplete: 67,
  emptyQuery: 73,
  copyOut: 72,
  copyBoth: 87,
  copyData: 100,
  copyDone: 99,
} as const;

export function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(parameters)
    .map(([name, value]) => `${name}\0${value}\0`)
    .join("");
  const body = Buffer.from(`${text}\0`);
  const message = Buffer.alloc(8 + body.length);
  message.writeInt32BE(message.length, 0);
  message.writeInt32BE(196_608, 4);
  body.copy(message, 8);
  return message;
}

export function frame(type: string, body: Buffer): Buffer {
  const message = Buffer.alloc(5 + body.length);
  message.write(type, 0, "latin1");
  message.writeInt32BE(4 + body.length, 1);
  body.copy(message, 5);
  return message;
}

export function queryMessage(sql: string): Buffer {
  return frame("Q", Buffer.from(`${sql}\0`));
}

/** SASLInitialResponse. */
export function saslFirst(mechanism: string, text: string): Buffer {
  const name = Buffer.from(`${mechanism}\0`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(text), 0);
  return frame("p", Buffer.concat([name, length, Buffer.from(text)]));
}

/** A DataRow's values as text. `at` is the position of the number of columns. */
export function textRow(bytes: Buffer, at: number): (string | null)[] {
  const row: (string | null)[] = new Array(bytes.readInt16BE(at));
  let position = at + 2;
  for (let i = 0; i < row.length; i++) {
    const length = bytes.readInt32BE(position);
    position += 4;
    row[i] = length < 0 ? null : bytes.toString("utf8", position, position + length);
    if (length > 0) position += length;
  }
  return row;
}

/** Names of a RowDescription. */
export function columnNames(bytes: Buffer, at: number): string[] {
  const names: string[] = new Array(bytes.readInt16BE(at));
  let position = at + 2;
  for (let i = 0; i < names.length; i++) {
    const end = bytes.indexOf(0, position);
    names[i] = bytes.toString("utf8", position, end);
    position = end + 19;
  }
  return names;
}

/** A 64-bit position as a number: exact up to 8 PiB of log. */
export function readLsn(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 4_294_967_296 + bytes.readUInt32BE(at + 4);
}

export function writeLsn(bytes: Buffer, lsn: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(lsn / 4_294_967_296), at);
  bytes.writeUInt32BE(lsn % 4_294_967_296, at + 4);
}

/** `16/B374D848`. */
export function parseLsn(text: string): number {
  const [high = "0", low = "0"] = text.split("/");
  return Number.parseInt(high, 16) * 4_294_967_296 + Number.parseInt(low, 16);
}

export function lsnText(lsn: number): string {
  return `${Math.floor(lsn / 4_294_967_296).toString(16)}/${(lsn % 4_294_967_296).toString(16)}`.toUpperCase();
}
