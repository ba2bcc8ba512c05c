import { isKafkaError, type KafkaError, type Producer } from "@millrace/kafka";
import type { ErrorHandler } from "../stages/error-handler.ts";

/** What Kafka says of a record that it will never take, whoever sends it. */
const REFUSED = new Set([
  "MSG_SIZE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_RECORD",
  "TOPIC_AUTHORIZATION_FAILED",
  "TOPIC_EXCEPTION",
  "POLICY_VIOLATION",
]);
const SOURCE_TASK = "org.apache.kafka.connect.runtime.WorkerSourceTask";

/** Sends records on; what `Delivery` needs of a producer. */
export type RecordSender = Pick<Producer, "send" | "drained">;

/** At least once, with `errors.tolerance=all`: records that Kafka refuses are reported and left out. */
export class RefusedRecords {
  #handler: ErrorHandler;

  constructor(handler: ErrorHandler) {
    this.#handler = handler;
  }

  /** @returns whether the failure is that of a record, and tolerated. */
  tolerate(error: unknown): error is KafkaError {
    if (!isKafkaError(error) || !REFUSED.has(error.code)) return false;
    this.#handler.failed({ stage: "KAFKA_PRODUCE", executing: SOURCE_TASK, error, consumed: null, polled: null });
    return true;
  }

  /** A sender for which such a record is as good as sent. */
  sender(producer: Producer): RecordSender {
    return {
      send: (topic, partition, value, key, timestampMs, headers) => {
        try {
          return producer.send(topic, partition, value, key, timestampMs, headers);
        } catch (error) {
          if (this.tolerate(error)) return true;
          throw error;
        }
      },
      drained: (signal) => producer.drained(signal),
    };
  }
}
