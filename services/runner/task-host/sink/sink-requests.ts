import { ConnectError, type SinkOffset, type SinkTaskContext, type SinkTopicPartition } from "@millrace/connect";
import { partitionKey } from "./partition-key.ts";

export type SinkContextBase = Omit<SinkTaskContext, "offset" | "timeout" | "pause" | "resume" | "requestCommit">;

export interface SinkRequestsDeps {
  readonly context: SinkContextBase;
  readonly pause: (partitions: readonly SinkTopicPartition[]) => void;
  /** The task does not mind reading these any more; whether they are read is the loop's to say. */
  readonly resume: (partitions: readonly SinkTopicPartition[]) => void;
}

/** A call that is not for this state of the task. */
class IllegalWorkerStateError extends ConnectError {
  override readonly javaClass: string = "org.apache.kafka.connect.errors.IllegalWorkerStateException";
}

/** What a sink task asks of the loop through its context; kept until the loop comes to it. */
export class SinkRequests {
  readonly context: SinkTaskContext;
  #paused = new Map<string, SinkTopicPartition>();
  #rewinds = new Map<string, SinkOffset>();
  #timeoutMs = 0;
  #commit = false;

  constructor({ context, pause, resume }: SinkRequestsDeps) {
    this.context = {
      ...context,
      offset: (offset) => void this.#rewinds.set(partitionKey(offset), offset),
      timeout: (delayMs) => {
        this.#timeoutMs = delayMs;
      },
      pause: (...partitions) => {
        assertAssigned(context, "pause", partitions);
        for (const partition of partitions) this.#paused.set(partitionKey(partition), partition);
        pause(partitions);
      },
      resume: (...partitions) => {
        assertAssigned(context, "resume", partitions);
        for (const partition of partitions) this.#paused.delete(partitionKey(partition));
        resume(partitions);
      },
      requestCommit: () => this.requestCommit(),
    };
  }

  get commitRequested(): boolean {
    return this.#commit;
  }

  requestCommit(): void {
    this.#commit = true;
  }

  commitBegun(): void {
    this.#commit = false;
  }

  /** Does the task want this partition paused? */
  isPaused(partition: SinkTopicPartition): boolean {
    return this.#paused.has(partitionKey(partition));
  }

  /** Of partitions that are not assigned any more, the task's pauses are forgotten. */
  keepPaused(assigned: ReadonlyMap<string, SinkTopicPartition>): void {
    for (const key of this.#paused.keys()) if (!assigned.has(key)) this.#paused.delete(key);
  }

  paused(): SinkTopicPartition[] {
    return [...this.#paused.values()];
  }

  /** The rewinds asked for, of these partitions or of all; they are asked for no more. */
  takeRewinds(of?: readonly SinkTopicPartition[]): SinkOffset[] {
    const keys = of?.map(partitionKey) ?? [...this.#rewinds.keys()];
    const taken = keys.flatMap((key) => this.#rewinds.get(key) ?? []);
    for (const key of keys) this.#rewinds.delete(key);
    return taken;
  }

  /** The wait asked for, once; 0: none. */
  takeTimeoutMs(): number {
    const timeoutMs = Math.max(0, this.#timeoutMs);
    this.#timeoutMs = 0;
    return timeoutMs;
  }
}

function assertAssigned(
  context: SinkContextBase,
  action: "pause" | "resume",
  partitions: readonly SinkTopicPartition[],
): void {
  const assigned = new Set(context.assignment().map(partitionKey));
  if (partitions.every((partition) => assigned.has(partitionKey(partition)))) return;
  throw new IllegalWorkerStateError(`SinkTasks may not ${action} partitions that are not currently assigned to them.`);
}
