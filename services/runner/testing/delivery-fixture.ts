// No tests: a delivery whose producer and commits the test holds in its hands.
import type { OffsetMap, SourceRecord } from "@millrace/connect";
import type { Producer } from "@millrace/kafka";
import { VirtualClock } from "@millrace/time";
import {
  type CommittedBatch,
  type Committer,
  Delivery,
  type EncodedRecord,
  type OffsetWrite,
} from "../task-host/source/delivery.ts";
import type { HeldMax } from "../task-host/source/outbox.ts";

/** A commit or abort that the test settles by hand. */
interface Call {
  readonly records: number;
  readonly offsets: number[];
  /** Values sent to the producer since the call before. */
  readonly sent: string[];
  resolve(): void;
  reject(error: unknown): void;
}

export const decode = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? new Uint8Array());

type Options = { held?: HeldMax; recordCallbacks?: boolean; linger?: { recordsMin: number; ms: number } };

export function openDelivery(options: Options = {}) {
  const clock = new VirtualClock();
  const cancel = new AbortController();
  const state = {
    commits: [] as Call[],
    aborts: [] as Call[],
    closes: [] as boolean[],
    committed: [] as CommittedBatch[],
    full: false,
    sendError: null as Error | null,
    acknowledge: () => Promise.resolve(),
  };
  const sent: string[] = [];
  let drain = () => {};
  const producer = {
    send(_topic: string, _partition: number, value: Uint8Array | null) {
      if (state.sendError) throw state.sendError;
      if (state.full) return false;
      sent.push(decode(value));
      return true;
    },
    drained: () =>
      new Promise<void>((resolve) => {
        drain = resolve;
      }),
  } as unknown as Producer;
  const call = (into: Call[], records: number, offsets: readonly OffsetWrite[]) =>
    new Promise<void>((resolve, reject) => {
      const values = offsets.map(({ value }) => Number(decode(value)));
      into.push({ records, offsets: values, sent: sent.splice(0), resolve, reject });
    });
  const committer: Committer = {
    commit: (records, offsets) => call(state.commits, records, offsets),
    abort: () => call(state.aborts, 0, []),
    close: async (isOpen) => void state.closes.push(isOpen),
  };
  const delivery = new Delivery({
    producer,
    committer,
    encodeOffset: (partition: OffsetMap, offset: OffsetMap | null) => ({
      key: new TextEncoder().encode(JSON.stringify(partition)),
      value: new TextEncoder().encode(String(offset?.n)),
    }),
    committed: (batch) => {
      state.committed.push(batch);
      return state.acknowledge();
    },
    clock,
    signal: cancel.signal,
    held: options.held ?? { recordsMax: 1_000_000, bytesMax: 1_000_000 },
    recordCallbacks: options.recordCallbacks ?? false,
    ...(options.linger && { linger: options.linger }),
  });
  const batch = (from: number, to: number) => {
    for (let n = from; n <= to; n++) delivery.send(encoded(n));
    return delivery.endBatch("commit");
  };
  /** From now on the task has been told of a commit when the test says so: one call for each commit, in their order. */
  const tellByHand = () => {
    const told: (() => void)[] = [];
    state.acknowledge = () => new Promise((resolve) => told.push(resolve));
    return told;
  };
  return { delivery, clock, cancel, state, batch, tellByHand, sent: () => sent, drain: () => drain() };
}

export function source(n: number): SourceRecord {
  return { sourcePartition: { p: "a" }, sourceOffset: { n }, topic: "out", value: n };
}

export function encoded(n: number): EncodedRecord {
  const value = new TextEncoder().encode(String(n));
  return { topic: "out", partition: -1, key: null, value, timestampMs: 0, headers: null, source: source(n) };
}

export const settled = () => new Promise((resolve) => setImmediate(resolve));
