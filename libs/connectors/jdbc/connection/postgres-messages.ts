// Pure: messages of the Postgres protocol that run prepared statements.

export const SYNC = message("S", []);
export const FLUSH = message("H", []);
export const ROLLBACK_QUERY = message("Q", [text("ROLLBACK")]);

/** An empty name: until the next statement without a name. */
export function parseMessage(name: string, sql: string): Buffer {
  return message("P", [text(name), text(sql), Buffer.from([0, 0])]);
}

/** What stands before and behind the values, which are of that many bytes. */
export function executeMessages(name: string, valueBytes: number): { readonly bind: Buffer; readonly execute: Buffer } {
  const start = message("B", [text(""), text(name)]);
  start.writeInt32BE(start.length - 1 + valueBytes + 2, 1);
  // Behind the values: all results as text. Then Execute, for all rows.
  const execute = Buffer.concat([Buffer.from([0, 0]), message("E", [text(""), Buffer.alloc(4)])]);
  return { bind: start, execute };
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function message(type: string, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(5);
  header.write(type, 0, "latin1");
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}
