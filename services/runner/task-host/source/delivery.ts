import type { OffsetMap, RecordMetadata, SourceRecord } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import type { RecordHeader } from "@millrace/kafka";
import type { Clock } from "@millrace/time";
import { endOf } from "../one-at-a-time.ts";
import { type HeldMax, Outbox } from "./outbox.ts";
import { PendingOffsets } from "./pending-offsets.ts";
import type { RecordSender } from "./refused-records.ts";

/** A source record after transforms and converters, ready for the wire. */
export interface EncodedRecord {
  readonly topic: string;
  /** -1: the producer's partitioner chooses. */
  readonly partition: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** 0: when it is sent. */
  readonly timestampMs: number;
  readonly headers: readonly RecordHeader[] | null;
  /** As the task polled it: its partition and offset are what gets committed, and it goes to `commitRecord`. */
  readonly source: SourceRecord;
}

/** A record of the offsets topic. */
export interface OffsetWrite {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

export type OffsetEncoder = (partition: OffsetMap, offset: OffsetMap | null) => OffsetWrite;

/** How records and offsets become durable: `exactly-once.ts` (one transaction) or `at-least-once.ts` (one after the other). */
export interface Committer {
  /** Makes everything sent since the last call durable, then or together with it `offsets` (I1). */
  commit(records: number, offsets: readonly OffsetWrite[]): Promise<void>;
  /** Takes back everything sent since the last commit, where that is possible. */
  abort(): Promise<void>;
  /** Closes the producer; `open`: something was sent and not committed. */
  close(open: boolean): Promise<void>;
}

export interface CommittedBatch {
  readonly records: number;
  readonly commitMs: number;
  /** Those that had records to send. */
  readonly batches: number;
  /** The last record handed over, dropped ones included; null when there was none since the last commit. */
  readonly last: SourceRecord | null;
  /** Only with `recordCallbacks`: every record in order, `metadata` null for dropped ones and where it is not known. */
  readonly callbacks: readonly { readonly record: SourceRecord; readonly metadata: RecordMetadata | null }[];
}

export interface DeliveryDeps {
  readonly producer: RecordSender;
  readonly committer: Committer;
  readonly encodeOffset: OffsetEncoder;
  /**
   * Called after each commit, in order, empty commits included (I2); resolves when the task has been told. At most one call begins
   * before the last has ended. Must not reject.
   */
  readonly committed: (batch: CommittedBatch) => Promise<void>;
  readonly commitFailed?: () => void;
  readonly clock: Clock;
  /** Aborted when the task is cancelled: closes at once, and nothing is committed any more. */
  readonly signal: AbortSignal;
  readonly held: HeldMax;
  /**
   * A source that handed over so many records during a commit is given this long to add to the next one: a commit costs the
   * broker about the same for any number of records. The few records of a quieter source go at once. Default: none waits.
   */
  readonly linger?: { readonly recordsMin: number; readonly ms: number };
  /** Collect every record for `commitRecord`. */
  readonly recordCallbacks: boolean;
}

/**
 * Brings records and their source offsets to Kafka.
 *
 *   OPEN ──commit wanted, at a batch end──▶ COMMITTING ──durable, and the task told of the one before──▶ OPEN
 *    │                                          │ records handed over meanwhile are held, whole batches,
 *    │                                          ▼ and all go into the next commit (group commit)
 *    └──────────── any failure ────────────▶ FAILED ──close──▶ CLOSED
 *
 * An offset is durable only with or after its records (I1); order within a source partition is kept (I4). After a failure
 * nothing more is sent or committed, every method rejects with it, and the caller closes.
 */
export class Delivery {
  #deps: DeliveryDeps;
  #state: "OPEN" | "COMMITTING" | "FAILED" | "CLOSED" = "OPEN";
  #failure: unknown = null;
  #outbox: Outbox;
  #offsets: PendingOffsets;
  #records = 0;
  #batches = 0;
  /** Something was sent, or is being committed, and is neither durable nor taken back. */
  #open = false;
  #callbacks: { record: SourceRecord; metadata: RecordMetadata | null }[] = [];
  #last: SourceRecord | null = null;
  #batchOpen = false;
  #commitWanted = false;
  /** Before this a wanted commit waits, unless the source has run dry or somebody waits for the commit. */
  #lingerUntilMs = 0;
  #hurry = false;
  #batchRecords = 0;
  #cancelLinger = () => {};
  #commit: Promise<void> = Promise.resolve();
  /** The task has been told of the last commit. */
  #told: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;
  readonly #cancel = () => void this.close();

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#offsets = new PendingOffsets(deps.encodeOffset);
    this.#outbox = new Outbox({
      producer: deps.producer,
      held: deps.held,
      signal: deps.signal,
      sent: () => {
        this.#open = true;
      },
      emptied: () => this.#advance(),
      failed: (error) => this.#fail(error),
    });
    this.#outbox.open();
    deps.signal.addEventListener("abort", this.#cancel, { once: true });
  }

  /**
   * Hands over one record of the current batch. Never waits. Its offset counts from here: no commit starts before
   * everything handed over has been sent.
   */
  send(record: EncodedRecord): void {
    this.#assertAlive();
    this.#batchOpen = true;
    this.#records++;
    this.#batchRecords++;
    this.#offsets.put(record.source.sourcePartition, record.source.sourceOffset);
    this.#called(record.source);
    this.#outbox.add(record);
  }

  /** Only the record's offset counts. */
  note(record: SourceRecord): void {
    this.#assertAlive();
    this.#batchOpen = true;
    this.#offsets.put(record.sourcePartition, record.sourceOffset);
    this.#called(record);
  }

  /** The record was dropped by a transform or by tolerance: its offset is not advanced. */
  drop(record: SourceRecord): void {
    this.#batchOpen = true;
    this.#called(record);
  }

  /**
   * The batch is complete. `commit`: everything handed over so far becomes durable, together, soon; with an earlier commit
   * still on its way it joins the next one whole. Returns undefined when more may be handed over at once, else a promise
   * of room.
   */
  endBatch(decision: "none" | "commit"): Promise<void> | undefined {
    this.#assertAlive();
    this.#batchOpen = false;
    if (decision === "commit") this.#commitWanted = true;
    if (this.#batchRecords === 0) this.#hurry = true;
    else this.#batches++;
    this.#batchRecords = 0;
    this.#advance();
    return this.#outbox.room()?.then(() => this.#assertAlive());
  }

  /** Ends the transaction now and waits for it. `abort`: without its records; their offsets still advance, as in Connect. */
  async endTransaction(decision: "commit" | "abort"): Promise<void> {
    await this.settle();
    if (decision === "abort" && this.#records > 0) {
      this.#outbox.shut();
      await this.#deps.committer.abort().catch((error) => this.#fail(error));
      this.#assertAlive();
      this.#records = 0;
      this.#batches = 0;
      this.#open = false;
      this.#outbox.open();
    }
    await this.endBatch("commit");
    await this.settle();
  }

  /** Resolves when nothing wanted is on its way any more. */
  async settle(): Promise<void> {
    for (;;) {
      this.#hurry = true;
      this.#advance();
      await this.#commit;
      await this.#told;
      await this.#outbox.whenEmpty();
      this.#assertAlive();
      if (this.#state === "OPEN" && !(this.#commitWanted && !this.#batchOpen)) return;
    }
  }

  /**
   * Gives up what is not committed and closes the producer, after a commit that is on its way has ended. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { committer, signal } = this.#deps;
    this.#state = "CLOSED";
    this.#cancelLinger();
    this.#outbox.close();
    await endOf(this.#commit, signal);
    await endOf(this.#told, signal);
    signal.removeEventListener("abort", this.#cancel);
    // Cancelled: its result, and so whether there is anything to abort, is the next initTransactions' business (I3).
    await committer.close(this.#open && !signal.aborted);
  }

  /** At the hand-over, so that dropped records keep their place; by the next commit everything handed over is sent. */
  #called(record: SourceRecord): void {
    this.#last = record;
    if (this.#deps.recordCallbacks) this.#callbacks.push({ record, metadata: null });
  }

  /** Starts a commit when one is wanted and everything handed over has been sent, whole batches only. */
  #advance(): void {
    if (this.#state !== "OPEN" || !this.#commitWanted || this.#batchOpen || !this.#outbox.empty) return;
    if (!this.#hurry && this.#deps.clock.monotonicMs() < this.#lingerUntilMs) return;
    this.#state = "COMMITTING";
    this.#commitWanted = false;
    this.#hurry = false;
    this.#cancelLinger();
    this.#outbox.shut();
    this.#commit = this.#runCommit().catch((error) => {
      this.#deps.commitFailed?.();
      this.#fail(error);
    });
  }

  async #runCommit(): Promise<void> {
    const { clock, committer, committed } = this.#deps;
    const records = this.#records;
    const callbacks = this.#callbacks;
    const last = this.#last;
    const batches = this.#batches;
    const startMs = clock.monotonicMs();
    this.#records = 0;
    this.#batches = 0;
    this.#callbacks = [];
    this.#last = null;
    const offsets = this.#offsets.take();
    if (records > 0 || offsets.length > 0) {
      this.#open = true;
      failPoint("source.commit.before");
      await committer.commit(records, offsets);
      this.#open = false;
    }
    if (this.#state !== "COMMITTING") return;
    const toldBefore = this.#told;
    this.#told = committed({ records, commitMs: clock.monotonicMs() - startMs, batches, last, callbacks });
    // Held records move on, and the next commit too: the task is told between two polls, and one may wait for records for long.
    this.#outbox.open();
    await toldBefore;
    if (this.#state !== "COMMITTING") return;
    this.#state = "OPEN";
    this.#linger();
    this.#advance();
  }

  #linger(): void {
    const { clock, linger } = this.#deps;
    if (linger === undefined || !this.#commitWanted || this.#records < linger.recordsMin) return;
    this.#lingerUntilMs = clock.monotonicMs() + linger.ms;
    this.#cancelLinger = clock.after(linger.ms, () => {
      this.#hurry = true;
      this.#advance();
    });
  }

  #fail(error: unknown): void {
    if (this.#state === "FAILED" || this.#state === "CLOSED") return;
    this.#state = "FAILED";
    this.#failure = error;
    this.#outbox.close();
  }

  #assertAlive(): void {
    if (this.#state === "FAILED") throw this.#failure;
    if (this.#state === "CLOSED") throw new Error("the delivery is closed: nothing can be sent any more");
  }
}
