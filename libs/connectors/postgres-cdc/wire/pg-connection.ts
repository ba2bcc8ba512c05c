import type { Socket } from "node:net";
import type { PostgresAddress } from "./address.ts";
import { Authentication } from "./authenticate.ts";
import { MessageSplitter } from "./message-splitter.ts";
import { columnNames, frame, MESSAGE, queryMessage, startupMessage, textRow } from "./messages.ts";
import { openSocket } from "./open-socket.ts";
import { PgError, pgErrorOf } from "./pg-error.ts";

export type Row = Readonly<Record<string, string | null>>;

/** Takes the data of a COPY, message by message; false holds further ones back until `resume`. */
export type CopySink = (bytes: Buffer, from: number, to: number) => boolean;

/** So that values come as text of one known form. */
const SESSION = {
  client_encoding: "UTF8",
  datestyle: "ISO, YMD",
  intervalstyle: "postgres",
  timezone: "UTC",
  extra_float_digits: "3",
  bytea_output: "hex",
  lc_monetary: "C",
} as const;

interface Waiting {
  readonly resolve: (rows: Row[]) => void;
  readonly reject: (error: Error) => void;
  /** Of a COPY OUT. */
  readonly copy: CopySink | null;
  /** Resolves when the server has switched to COPY, for streams without an end. */
  readonly endless: boolean;
  names: string[];
  rows: Row[];
  error: Error | null;
}

/** One connection, one command at a time; the next one waits. All errors are PgErrors; after a lost connection every call rejects with it. */
export class PgConnection {
  readonly #socket: Socket;
  readonly #authentication: Authentication;
  readonly #splitter = new MessageSplitter({ message: (...each) => this.#message(...each) });
  #waiting: Waiting | null;
  /** Resolves when the commands so far are done. */
  #last: Promise<unknown> = Promise.resolve();
  #stream: CopySink | null = null;
  #lost: Error | null = null;
  #closing = false;
  /** Called once when the connection is lost while nothing waits for an answer. */
  onLost: ((error: Error) => void) | null = null;

  private constructor(socket: Socket, address: PostgresAddress, opened: Waiting) {
    this.#socket = socket;
    this.#authentication = new Authentication(address);
    this.#waiting = opened;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (cause) => this.#fail(new PgError(`Connection lost: ${cause.message}`, { cause })));
    socket.on("close", () => this.#fail(new PgError("Connection lost: closed by the server.")));
  }

  /** `replication`: a connection that also takes commands of the replication protocol. */
  static async open(address: PostgresAddress, options: { readonly replication?: boolean }): Promise<PgConnection> {
    const socket = await openSocket(address);
    const connection = await new Promise<PgConnection>((resolve, reject) => {
      const opened: Waiting = {
        resolve: () => resolve(made),
        reject,
        copy: null,
        endless: false,
        names: [],
        rows: [],
        error: null,
      };
      const made = new PgConnection(socket, address, opened);
      const { user, database } = address;
      const replication = options.replication ? { replication: "database" } : {};
      const parameters = { user, database, application_name: "Millrace CDC", ...SESSION, ...replication };
      socket.write(startupMessage(parameters));
      socket.resume();
    });
    for (const sql of address.initialStatements) await connection.query(sql);
    return connection;
  }

  /** The rows of the last statement that has any. */
  query(sql: string): Promise<Row[]> {
    return this.#command(sql, null, false);
  }

  /** Resolves when all is copied. */
  async copyOut(sql: string, sink: CopySink): Promise<void> {
    await this.#command(sql, sink, false);
  }

  /** Starts a replication stream; resolves when the server has agreed. */
  async startStream(sql: string, sink: CopySink): Promise<void> {
    await this.#command(sql, sink, true);
  }

  /** Sends a CopyData message. */
  send(body: Buffer): void {
    if (this.#lost === null) this.#socket.write(frame("d", body));
  }

  /** Since it was opened. */
  get receivedBytes(): number {
    return this.#socket.bytesRead;
  }

  /** Stops reading from the socket; the server waits. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads on, with what a sink held back first. */
  resume(): void {
    if (this.#splitter.held) this.#splitter.resume();
    if (!this.#splitter.held) this.#socket.resume();
  }

  async close(): Promise<void> {
    if (this.#lost !== null) return;
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    this.#socket.end(frame("X", Buffer.alloc(0)));
    this.#socket.resume();
    if (this.#stream !== null) this.#socket.destroySoon();
    await closed;
  }

  /** At once, without a word to the server. */
  destroy(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  #command(sql: string, copy: CopySink | null, endless: boolean): Promise<Row[]> {
    const turn = this.#last.then(() => this.#run(sql, copy, endless));
    this.#last = turn.catch(() => {});
    return turn;
  }

  #run(sql: string, copy: CopySink | null, endless: boolean): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== null) return reject(this.#lost);
      this.#waiting = { resolve, reject, copy, endless, names: [], rows: [], error: null };
      this.#socket.write(queryMessage(sql));
    });
  }

  #receive(chunk: Buffer): void {
    try {
      this.#splitter.receive(chunk);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    if (this.#splitter.held) this.#socket.pause();
  }

  #message(type: number, bytes: Buffer, from: number, to: number): boolean {
    if (type === MESSAGE.copyData) {
      const sink = this.#stream ?? this.#waiting?.copy ?? null;
      return sink === null || sink(bytes, from, to);
    }
    const waiting = this.#waiting;
    switch (type) {
      case MESSAGE.authentication: {
        const answer = this.#authentication.answer(bytes, from, to);
        if (answer !== null) this.#socket.write(answer);
        break;
      }
      case MESSAGE.error:
        if (waiting === null) this.#fail(pgErrorOf(bytes, from, to));
        else this.#refused(waiting, pgErrorOf(bytes, from, to));
        break;
      case MESSAGE.rowDescription:
        if (waiting !== null) {
          waiting.names = columnNames(bytes, from);
          waiting.rows = [];
        }
        break;
      case MESSAGE.dataRow:
        if (waiting !== null) waiting.rows.push(namedRow(waiting.names, textRow(bytes, from)));
        break;
      case MESSAGE.copyBoth:
        if (waiting?.endless) {
          this.#stream = waiting.copy;
          this.#waiting = null;
          waiting.resolve([]);
        }
        break;
      case MESSAGE.copyDone:
        if (this.#stream !== null) this.#fail(new PgError("The server ended the replication stream."));
        break;
      case MESSAGE.ready:
        this.#waiting = null;
        if (waiting?.error) waiting.reject(waiting.error);
        else waiting?.resolve(waiting.rows);
        break;
    }
    return true;
  }

  /** An error before ReadyForQuery; a refused start-up is not followed by one. */
  #refused(waiting: Waiting, error: PgError): void {
    waiting.error ??= error;
    if (error.severity === "FATAL" || error.severity === "PANIC") this.#fail(error);
  }

  #fail(error: Error): void {
    if (this.#lost !== null) return;
    this.#lost = error;
    this.#socket.destroy();
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) waiting.reject(waiting.error ?? error);
    else if (!this.#closing) this.onLost?.(error);
  }
}

function namedRow(names: readonly string[], values: readonly (string | null)[]): Row {
  const row: Record<string, string | null> = {};
  for (let i = 0; i < names.length; i++) row[names[i]!] = values[i] ?? null;
  return row;
}

/** A name as SQL takes it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
