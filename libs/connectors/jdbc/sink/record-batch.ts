// Pure: records of one table as the writes that leave it as if they had come one by one.
import type { SinkRecord } from "@millrace/connect";
import type { SqlValue } from "../connection/connection.ts";
import type { RecordPlan } from "./record-plan.ts";
import type { SqlRow, WriteKind } from "./sink-dialect.ts";

/** Rows to be written by the same statement; ordered by key where order does not matter, so that tasks do not deadlock. */
export interface Write {
  readonly plan: RecordPlan;
  readonly kind: WriteKind;
  readonly rows: readonly SqlRow[];
}

/** The key and its last write; of a delete the row has the key only. */
interface KeyState {
  row: SqlRow;
  isGone: boolean;
  deleted: boolean;
}

/**
 * Collects records of one table. With `lastWins` (upsert, update) only the last write of a key counts, so that a key is
 * in a statement once; a key that was deleted before is deleted first. Without it (insert) every record is written, and
 * deletes part what is before from what is behind them.
 */
export class TableBatch {
  readonly #kind: WriteKind;
  readonly #writes: Write[] = [];
  #plan: RecordPlan | null = null;
  #states = new Map<SqlValue, KeyState>();
  #inserts: SqlRow[] = [];
  #deletes: SqlRow[] = [];

  constructor(kind: Exclude<WriteKind, "delete">) {
    this.#kind = kind;
  }

  /** @throws ConnectError when a value fits no column: then the record is not in the batch. */
  add(record: SinkRecord, plan: RecordPlan): void {
    const isDelete = plan.isDelete;
    const row = plan.row(record);
    // A tombstone tells nothing of the values' schema.
    if (this.#plan !== null && this.#plan !== plan && !(isDelete && this.#plan.sameKey(plan))) this.#flush();
    if (!isDelete || this.#plan === null) this.#plan = plan;
    if (this.#kind === "insert") this.#addInOrder(row, isDelete);
    else this.#addLast(row, plan, isDelete);
  }

  /** What is to be run, in order. */
  take(): Write[] {
    this.#flush();
    return this.#writes;
  }

  #addInOrder(row: SqlRow, isDelete: boolean): void {
    if (isDelete) this.#deletes.push(row);
    else {
      if (this.#deletes.length > 0) this.#flush(this.#plan);
      this.#inserts.push(row);
    }
  }

  #addLast(row: SqlRow, plan: RecordPlan, isDelete: boolean): void {
    const id = plan.keyId(row);
    const state = this.#states.get(id);
    if (state === undefined) {
      this.#states.set(id, { row, isGone: isDelete, deleted: isDelete });
      return;
    }
    // Behind all others, as the database may take keys for the same that differ here.
    this.#states.delete(id);
    this.#states.set(id, { row, isGone: isDelete, deleted: state.deleted || isDelete });
  }

  #flush(next: RecordPlan | null = null): void {
    const plan = this.#plan;
    this.#plan = next;
    if (plan === null) return;
    const push = (kind: WriteKind, rows: readonly SqlRow[]) => {
      if (rows.length > 0) this.#writes.push({ plan, kind, rows });
    };
    if (this.#kind === "insert") {
      push("insert", this.#inserts);
      push("delete", sortedByKey(this.#deletes, plan.keyCount));
      this.#inserts = [];
      this.#deletes = [];
      return;
    }
    const deleted: SqlRow[] = [];
    const written: SqlRow[] = [];
    for (const { row, isGone, deleted: wasDeleted } of this.#states.values()) {
      if (wasDeleted) deleted.push(row.slice(0, plan.keyCount));
      if (!isGone) written.push(row);
    }
    push("delete", sortedByKey(deleted, plan.keyCount));
    push(this.#kind, sortedByKey(written, plan.keyCount));
    this.#states = new Map();
  }
}

/**
 * The same order in every task; which one does not matter. Texts that differ by letter case, accents or spaces at the end,
 * which databases may take for the same, stay as they are given.
 */
export function sortedByKey(rows: readonly SqlRow[], keyCount: number): SqlRow[] {
  if (keyCount === 1 && rows.every((row) => typeof row[0] === "number")) {
    return [...rows].sort((a, b) => (a[0] as number) - (b[0] as number));
  }
  const keyed = rows.map((row) => ({ row, key: row.slice(0, keyCount).map(sortable) }));
  keyed.sort((a, b) => {
    for (let i = 0; i < keyCount; i++) {
      const [left, right] = [a.key[i]!, b.key[i]!];
      const order = compare(typeof left === "string", typeof right === "string") || compare(left, right);
      if (order !== 0) return order;
    }
    return 0;
  });
  return keyed.map(({ row }) => row);
}

function compare<T>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

const ASCII = /^[\0-\x7f]*$/;
const ACCENTS = /\p{M}/gu;

function sortable(value: SqlValue): string | number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  const text = String(value).trimEnd();
  return (ASCII.test(text) ? text : text.normalize("NFKD").replace(ACCENTS, "")).toLowerCase();
}
