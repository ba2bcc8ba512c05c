import type { Logger } from "@millrace/connect";
import { adminClient, type ClientLayers, deadLetterProducer, type TaskIdentity } from "../client-configs.ts";
import type { HostEnvironment } from "../environment.ts";
import { createDeadLetterTopic, DeadLetterQueue } from "../stages/dead-letter-queue.ts";
import type { Converters } from "../stages/encode.ts";
import { ErrorHandler, type Reporter } from "../stages/error-handler.ts";
import { LogReporter } from "../stages/log-reporter.ts";
import type { ReportSettings } from "../stages/report-settings.ts";
import type { TolerancePolicy } from "../stages/tolerance.ts";
import type { TaskControl } from "../task-control.ts";
import type { TaskStats } from "../task-stats.ts";
import { ErrantRecords } from "./errant-records.ts";

export interface SinkErrorsOptions {
  readonly layers: ClientLayers;
  readonly identity: TaskIdentity;
  readonly settings: ReportSettings;
  readonly policy: TolerancePolicy;
  readonly converters: Converters;
  readonly stats: TaskStats;
  readonly hide: (text: string) => string;
  readonly logger: Logger;
}

/** Where a sink task's failed records go. */
export interface SinkErrors {
  readonly handler: ErrorHandler;
  readonly errant: ErrantRecords;
  /** Undefined, unless too many reports wait: then resolves when they are written. */
  readonly room: () => Promise<void> | undefined;
  readonly close: () => Promise<void>;
}

/** Makes the dead letter queue's topic, if it is wanted, before the task starts. */
export async function openSinkErrors(
  env: HostEnvironment,
  options: SinkErrorsOptions,
  control: TaskControl,
): Promise<SinkErrors> {
  const { identity, settings, policy, converters, stats, logger } = options;
  const deadLetters = await openDeadLetters(env, options, control);
  const log = new LogReporter({ task: identity, includeRecords: settings.logRecords, stats, logger });
  const reporters: Reporter[] = [...(settings.log ? [log] : []), ...(deadLetters === null ? [] : [deadLetters])];
  const { clock, random } = env;
  const handler = new ErrorHandler({ policy, reporters, stats, clock, random, signal: control.signal, logger });
  return {
    handler,
    errant: new ErrantRecords({ handler, converters, logger }),
    room: () => deadLetters?.room(),
    close: async () => deadLetters?.close(),
  };
}

async function openDeadLetters(
  env: HostEnvironment,
  { layers, identity, settings: { deadLetters: settings }, stats, hide, logger }: SinkErrorsOptions,
  control: TaskControl,
): Promise<DeadLetterQueue | null> {
  if (settings === null) return null;
  const { kafka, clock } = env;
  await createDeadLetterTopic({ kafka, logger }, adminClient(layers, identity, "dlq-adminclient"), settings);
  const producer = await kafka.producer(deadLetterProducer(layers, identity));
  const signal = control.cancelled;
  return new DeadLetterQueue({ task: identity, settings, producer, stats, hide, clock, logger, signal });
}
