// Pure: counts the events of a transaction, for provide.transaction.metadata.
import { type OffsetValue, Struct } from "@millrace/connect";
import { EVENT_COLLECTION, TRANSACTION_BLOCK, TRANSACTION_KEY, TRANSACTION_VALUE } from "./source-schema.ts";

/** What Debezium calls a message: the default name of a Java object. */
const MESSAGE_NAME = "io.debezium.connector.postgresql.LogicalDecodingMessageMonitor$LogicalDecodingMessageId@";
const ORDER_PREFIX = "transaction_data_collection_order_";

export class TransactionLog {
  #txId = 0;
  #total = 0;
  readonly #byCollection = new Map<string, number>();
  #messages = 0;

  /** Begins to count; what was counted before a restart goes on from its offset. */
  begin(txId: number, stored: Readonly<Record<string, unknown>> | null = null): void {
    this.#txId = txId;
    this.#total = 0;
    this.#messages = 0;
    this.#byCollection.clear();
    if (stored === null || Number(stored.transaction_id) !== txId) return;
    for (const [name, count] of Object.entries(stored)) {
      if (!name.startsWith(ORDER_PREFIX)) continue;
      this.#byCollection.set(name.slice(ORDER_PREFIX.length), Number(count));
      this.#total += Number(count);
    }
  }

  /** The block of one more event. `collection` is `schema.table`; a message counts as a collection of its own. */
  event(collection: string | null, lsn: number): Struct {
    const name = collection ?? MESSAGE_NAME + (++this.#messages).toString(16);
    const order = (this.#byCollection.get(name) ?? 0) + 1;
    this.#byCollection.set(name, order);
    return Struct.of(TRANSACTION_BLOCK, [this.#id(lsn), ++this.#total, order]);
  }

  boundary(status: "BEGIN" | "END", lsn: number, ms: number): { readonly key: Struct; readonly value: Struct } {
    const id = this.#id(lsn);
    const ended = status === "END";
    const collections = [...this.#byCollection].map((entry) => Struct.of(EVENT_COLLECTION, entry));
    const value = [status, id, ended ? this.#total : null, ended ? collections : null, ms];
    return { key: Struct.of(TRANSACTION_KEY, [id]), value: Struct.of(TRANSACTION_VALUE, value) };
  }

  /** What offsets hold of it. */
  toOffset(): Record<string, OffsetValue> {
    const offset: Record<string, OffsetValue> = { transaction_id: String(this.#txId) };
    for (const [name, count] of this.#byCollection) offset[ORDER_PREFIX + name] = count;
    return offset;
  }

  #id(lsn: number): string {
    return `${this.#txId}:${lsn}`;
  }
}
