import type { Clock } from "@millrace/time";
import type { ConsumedRecord } from "../client.ts";
import { KafkaError } from "../errors.ts";
import type { PartitionLog, TransactionFate } from "./partition-log.ts";

/** What became of a transaction that held records, and the records, in order within each partition. */
export interface EndedTransaction {
  readonly transactionalId: string;
  readonly outcome: "committed" | "aborted";
  readonly records: readonly ConsumedRecord[];
}

interface Transactional {
  readonly id: string;
  epoch: number;
  open: { readonly fate: TransactionFate; readonly logs: Set<PartitionLog>; cancelTimeout(): void } | null;
}

/**
 * The transaction coordinator: an epoch per transactional id, and its open transaction.
 *   EMPTY ─first record─▶ ONGOING ─end | newer epoch | timeout─▶ EMPTY
 */
export class Transactions {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #ended: (transaction: EndedTransaction) => void;
  readonly #ids = new Map<string, Transactional>();

  constructor(clock: Clock, changed: () => void, ended: (transaction: EndedTransaction) => void) {
    this.#clock = clock;
    this.#changed = changed;
    this.#ended = ended;
  }

  /** Raises the epoch, so that older producers are fenced, and aborts what they left open. @returns the epoch. */
  init(id: string): number {
    const known = this.#ids.get(id) ?? { id, epoch: -1, open: null };
    this.#ids.set(id, known);
    this.#finish(known, "aborted");
    return ++known.epoch;
  }

  /** The fate that a record written now shares; opens the transaction with its first record, as the broker does. */
  write(id: string, epoch: number, log: PartitionLog, timeoutMs: number): TransactionFate {
    const known = this.check(id, epoch);
    if (!known.open) {
      const cancelTimeout = this.#clock.after(timeoutMs, () => {
        this.#finish(known, "aborted");
        known.epoch++;
      });
      known.open = { fate: { state: "open" }, logs: new Set(), cancelTimeout };
    }
    known.open.logs.add(log);
    return known.open.fate;
  }

  end(id: string, epoch: number, outcome: "committed" | "aborted"): void {
    this.#finish(this.check(id, epoch), outcome);
  }

  check(id: string, epoch: number): Transactional {
    const known = this.#ids.get(id);
    if (known?.epoch === epoch) return known;
    throw new KafkaError(`transactional id ${id}: a newer producer took over, or the transaction timed out`, {
      code: "PRODUCER_FENCED",
      kind: "fenced",
    });
  }

  hasOpen(id: string): boolean {
    return (this.#ids.get(id)?.open ?? null) !== null;
  }

  #finish(known: Transactional, outcome: "committed" | "aborted"): void {
    if (!known.open) return;
    const { fate, logs, cancelTimeout } = known.open;
    cancelTimeout();
    const records = [...logs].flatMap((log) => log.recordsOf(fate));
    fate.state = outcome;
    for (const log of logs) log.appendMarker();
    known.open = null;
    this.#ended({ transactionalId: known.id, outcome, records });
    this.#changed();
  }
}
