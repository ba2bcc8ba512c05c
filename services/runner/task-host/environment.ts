import type { Logger } from "@millrace/connect";
import type { KafkaClient } from "@millrace/kafka";
import type { ConfigProviders, WorkerConfig } from "@millrace/service";
import type { Clock, Random } from "@millrace/time";
import type { PluginCatalogue } from "./plugin-catalogue.ts";
import type { OffsetsTopics } from "./source/offsets-topics.ts";
import type { Tracing } from "./tracing/open-tracing.ts";

/** What everything in a task host works with: one per process, or one per simulated host. */
export interface HostEnvironment {
  /** Its properties are resolved here. */
  readonly worker: WorkerConfig;
  readonly plugins: PluginCatalogue;
  readonly providers: ConfigProviders;
  readonly kafka: KafkaClient;
  readonly offsetsTopics: OffsetsTopics;
  /** null: nobody wants traces. */
  readonly tracing: Tracing | null;
  readonly clock: Clock;
  readonly random: Random;
  /** Lets the event loop run one turn. */
  readonly yieldToLoop: () => Promise<void>;
  readonly logger: Logger & { child(fields: Record<string, unknown>, logger?: string): Logger };
}
