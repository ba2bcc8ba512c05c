import { isRetriable, type Logger, type TopicReader } from "@millrace/connect";
import type { Signal } from "./signal.ts";
import { type SignalSource, signalFromJson } from "./signal-source.ts";

export interface SignalTopicDeps {
  readonly reader: TopicReader;
  /** Of the records that are for this connector: its topic.prefix. */
  readonly key: string;
  readonly waitMs: number;
  readonly logger: Logger;
}

/** Signals as records of a topic. What a call has given is taken as done when the next one is made. */
export class SignalTopic implements SignalSource {
  readonly #deps: SignalTopicDeps;
  #given = false;

  constructor(deps: SignalTopicDeps) {
    this.#deps = deps;
  }

  async read(): Promise<Signal[]> {
    const { reader, key, waitMs, logger } = this.#deps;
    try {
      if (this.#given) await reader.commit();
      this.#given = false;
      const records = await reader.read(waitMs);
      this.#given = records.length > 0;
      return records.flatMap(({ key: found, value }) => {
        if (value === null || value.length === 0 || textOf(found) !== key) return [];
        return signalFromJson(textOf(value)!, logger) ?? [];
      });
    } catch (error) {
      if (!isRetriable(error)) throw error;
      logger.warn("Topic of signals not read; it is tried again.", { error: String(error) });
      return [];
    }
  }

  close(): Promise<void> {
    return this.#deps.reader.close();
  }
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
