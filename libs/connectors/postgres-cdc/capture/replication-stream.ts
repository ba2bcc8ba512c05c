import { ReceivedBytes, type RowBytes } from "../values/row-bytes.ts";
import { lsnText, readLsn, writeLsn } from "../wire/messages.ts";
import { type PgConnection, quoteName, quoteText } from "../wire/pg-connection.ts";

const XLOG_DATA = 119;
const KEEPALIVE = 107;
const STATUS = 114;
const HEADER = 25;
/** Milliseconds from 1970 to 2000. */
const EPOCH_MS = 946_684_800_000;

export interface StreamSink {
  /** A message of the plugin; false holds further ones back until `resume`. */
  change(row: RowBytes, at: number, lsn: number): boolean;
  /** The server has nothing more up to here; false holds further messages back until `resume`. */
  idle(walEnd: number): boolean;
  /** What the server may be told to forget. */
  confirmedLsn(): number;
}

export interface StreamOptions {
  readonly slot: string;
  readonly publication: string;
  readonly startLsn: number;
  readonly messages: boolean;
  readonly params: readonly (readonly [name: string, value: string])[];
}

/** Reads a slot by the replication protocol, and tells the server how far it may forget. */
export class ReplicationStream {
  readonly #connection: PgConnection;
  readonly #sink: StreamSink;
  readonly #nowMs: () => number;
  #received = 0;
  #row = new ReceivedBytes(Buffer.alloc(0));

  constructor(connection: PgConnection, sink: StreamSink, nowMs: () => number) {
    this.#connection = connection;
    this.#sink = sink;
    this.#nowMs = nowMs;
  }

  async start({ slot, publication, startLsn, messages, params }: StreamOptions): Promise<void> {
    const options = [
      ["proto_version", "1"],
      ["publication_names", quoteName(publication)],
      ...(messages ? [["messages", "true"] as const] : []),
      ...params,
    ];
    const shown = options.map(([name, value]) => `${quoteName(name!)} ${quoteText(value!)}`).join(", ");
    await this.#connection.startStream(
      `START_REPLICATION SLOT ${quoteName(slot)} LOGICAL ${lsnText(startLsn)} (${shown})`,
      (bytes, from, to) => this.#data(bytes, from, to),
    );
  }

  /** Tells the server what was received and what it may forget; `asks` it to tell at once how far it is. */
  sendStatus(asks = false): void {
    const confirmed = this.#sink.confirmedLsn();
    const body = Buffer.alloc(34);
    body[0] = STATUS;
    writeLsn(body, Math.max(this.#received, confirmed), 1);
    writeLsn(body, confirmed, 9);
    writeLsn(body, confirmed, 17);
    body.writeBigInt64BE(BigInt(this.#nowMs() - EPOCH_MS) * 1000n, 25);
    if (asks) body[33] = 1;
    this.#connection.send(body);
  }

  #data(bytes: Buffer, from: number, to: number): boolean {
    if (bytes[from] === XLOG_DATA) {
      if (bytes !== this.#row.bytes) this.#row = new ReceivedBytes(bytes);
      const lsn = readLsn(bytes, from + 1);
      if (lsn > this.#received) this.#received = lsn;
      return this.#sink.change(this.#row, from + HEADER, lsn);
    }
    if (bytes[from] === KEEPALIVE && to >= from + 18) {
      const walEnd = readLsn(bytes, from + 1);
      if (walEnd > this.#received) this.#received = walEnd;
      const goesOn = this.#sink.idle(walEnd);
      if (bytes[from + 17] === 1) this.sendStatus();
      return goesOn;
    }
    return true;
  }
}
