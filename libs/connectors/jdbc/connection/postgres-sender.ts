import type { Socket } from "node:net";
import { type ConnectError, RetriableError } from "@millrace/connect";
import type { PackedStatement } from "./connection.ts";
import { databaseError } from "./database-error.ts";
import { Answers, type PostgresAnswer } from "./postgres-answers.ts";
import { executeMessages, FLUSH, parseMessage, ROLLBACK_QUERY, SYNC } from "./postgres-messages.ts";

/** Statements with a name are kept by the server until the connection ends. */
const NAMED_MAX = 200;
const NO_VALUES = Buffer.from([0, 0, 0, 0]);
const BEGIN: PackedStatement = { sql: "BEGIN", values: NO_VALUES };
const COMMIT: PackedStatement = { sql: "COMMIT", values: NO_VALUES };

/** What was sent together, and how many statements of it are not answered. */
interface Sent {
  left: number;
  changed: number;
  readonly isTransaction: boolean;
  readonly resolve: (changed: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Statements whose values are packed already, over a connection that the driver has opened. The driver keeps all else; it gets
 * the socket's data back when everything sent here is answered, and may not be used before.
 *
 * Transactions are sent one behind the other without waiting, and without a Sync between them: when one fails, the server skips
 * what was sent behind it up to the next Sync, so that a later transaction is never done without an earlier one.
 *
 *   IDLE ──transaction──▶ SENDING ──all answered: Sync──▶ SYNCING ──ReadyForQuery──▶ IDLE
 *                            └─ error: Sync, ROLLBACK; all that is not answered is rejected ─▶ SYNCING
 */
export class PostgresSender {
  readonly #socket: Socket;
  readonly #answers = new Answers((answer) => this.#answered(answer));
  /** By SQL, the name it has at the server. */
  readonly #names = new Map<string, string>();
  #statements = 0;
  /** Those that were sent to be parsed and are not answered. */
  #parsing: string[] = [];
  #sent: Sent[] = [];
  /** How many ReadyForQuery are still to come. */
  #syncs = 0;
  /** Who reads the socket's data otherwise; null: nothing is under way. */
  #driver: ((...data: unknown[]) => void)[] | null = null;
  #waiting: (() => void)[] = [];
  #lost: ConnectError | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** All of them or none, behind what was sent before. Begins at once. @throws RetriableError SKIPPED when an earlier one failed. */
  transaction(statements: readonly PackedStatement[]): Promise<number> {
    return this.#send([BEGIN, ...statements, COMMIT], true);
  }

  /** By itself, or inside of a transaction that the driver has begun. */
  execute(statement: PackedStatement): Promise<number> {
    return this.#send([statement], false);
  }

  /** Resolves when the driver may be used again. */
  async idle(): Promise<void> {
    if (this.#driver !== null) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The connection is gone, and everything under way with it. */
  end(error: ConnectError): void {
    this.#lost ??= error;
    this.#reject(error);
    this.#release();
  }

  #send(statements: readonly PackedStatement[], isTransaction: boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== null) return reject(this.#lost);
      this.#borrow();
      this.#sent.push({ left: statements.length, changed: 0, isTransaction, resolve, reject });
      this.#socket.cork();
      for (const statement of statements) this.#write(statement);
      this.#socket.write(isTransaction ? FLUSH : SYNC);
      if (!isTransaction) this.#syncs++;
      this.#socket.uncork();
    });
  }

  #write({ sql, values }: PackedStatement): void {
    let name = this.#names.get(sql);
    if (name === undefined) {
      name = this.#names.size < NAMED_MAX ? `millrace_${++this.#statements}` : "";
      if (name !== "") this.#names.set(sql, name);
      this.#parsing.push(sql);
      this.#socket.write(parseMessage(name, sql));
    }
    const { bind, execute } = executeMessages(name, values.length);
    this.#socket.write(bind);
    this.#socket.write(values);
    this.#socket.write(execute);
  }

  #answered(answer: PostgresAnswer): void {
    switch (answer.kind) {
      case "parsed":
        this.#parsing.shift();
        break;
      case "done":
        this.#done(answer.changed);
        break;
      case "error":
        this.#failed(answer.error);
        break;
      case "ready":
        this.#syncs--;
        if (this.#syncs === 0 && this.#sent.length === 0) this.#release();
    }
  }

  #done(changed: number): void {
    const first = this.#sent[0];
    if (first === undefined) return;
    first.changed += changed;
    if (--first.left > 0) return;
    this.#sent.shift();
    if (first.isTransaction && this.#sent.length === 0) this.#sync(SYNC);
    first.resolve(first.changed);
  }

  #failed(error: Error): void {
    // What was not parsed will not be.
    for (const sql of this.#parsing) this.#names.delete(sql);
    this.#parsing = [];
    const [failed, ...skipped] = this.#sent;
    this.#sent = [];
    if (failed?.isTransaction) {
      this.#sync(SYNC);
      this.#sync(ROLLBACK_QUERY);
      this.#sent.push({ left: 1, changed: 0, isTransaction: false, resolve: () => {}, reject: () => {} });
    }
    failed?.reject(databaseError("Postgres", error));
    const message = "Postgres: not tried, as what was sent before has failed";
    for (const each of skipped) each.reject(new RetriableError(message, { code: "SKIPPED" }));
  }

  /** Asks for a ReadyForQuery. */
  #sync(message: Uint8Array): void {
    this.#syncs++;
    this.#socket.write(message);
  }

  #reject(error: ConnectError): void {
    const sent = this.#sent;
    this.#sent = [];
    for (const { reject } of sent) reject(error);
  }

  #borrow(): void {
    if (this.#driver !== null) return;
    this.#driver = this.#socket.listeners("data") as ((...data: unknown[]) => void)[];
    this.#socket.removeAllListeners("data");
    this.#socket.on("data", this.#receive);
  }

  #release(): void {
    const driver = this.#driver;
    if (driver === null) return;
    this.#driver = null;
    this.#socket.removeListener("data", this.#receive);
    for (const listener of driver) this.#socket.on("data", listener);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  readonly #receive = (chunk: Buffer): void => this.#answers.receive(chunk);
}
