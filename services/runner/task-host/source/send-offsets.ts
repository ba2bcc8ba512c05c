import type { Producer } from "@millrace/kafka";
import type { OffsetWrite } from "./delivery.ts";

/** Queues records of the offsets topic, waiting where the producer's queue is full. */
export async function sendOffsets(
  deps: { readonly producer: Producer; readonly offsetsTopic: string; readonly signal: AbortSignal },
  offsets: readonly OffsetWrite[],
): Promise<void> {
  for (const { key, value } of offsets) {
    while (!deps.producer.send(deps.offsetsTopic, -1, value, key, 0, null)) await deps.producer.drained(deps.signal);
  }
}
