import { type Admin, type ClientConfig, type ConsumedRecord, openCompactedTopic } from "@millrace/kafka";
import { ProtocolError } from "@millrace/protocol";
import {
  adminClient,
  allowedLayers,
  type ClientLayers,
  offsetsConsumer,
  type TaskIdentity,
} from "../client-configs.ts";
import type { HostEnvironment } from "../environment.ts";
import { type DeadLetterSettings, reportSettings } from "../stages/report-settings.ts";
import { connectorPlugin } from "../task-plugins.ts";
import { connectorOf, type Letter, letterId, toLetter } from "./letter.ts";

/** One connector's dead letter queue, for questions about it. */
export interface Queue {
  readonly env: HostEnvironment;
  readonly connector: string;
  readonly config: Readonly<Record<string, string>>;
  readonly settings: DeadLetterSettings;
  readonly layers: ClientLayers;
  readonly identity: TaskIdentity;
}

const LETTERS_MAX = 20_000;
const BYTES_MAX = 256 * 1024 * 1024;
const POLL_RECORDS_MAX = 1_000;
const POLL_MS = 50;
export const READ_TIMEOUT_MS = 45_000;

/** @throws ProtocolError INVALID when the connector has no dead letter queue. */
export function openQueue(env: HostEnvironment, connector: string, config: Readonly<Record<string, string>>): Queue {
  const settings = reportSettings(config).deadLetters;
  if (settings === null) {
    const text = `Connector ${connector} has no dead letter queue: set errors.deadletterqueue.topic.name`;
    throw new ProtocolError("INVALID", text);
  }
  const layers = allowedLayers(env.worker, connectorPlugin(env, config).type, config);
  return { env, connector, config, settings, layers, identity: { groupId: env.worker.groupId, connector, task: 0 } };
}

export function replayedTopic({ settings }: Queue): string {
  return `${settings.topic}.replayed`;
}

/**
 * The newest letters of this connector, in the order of their partitions and offsets.
 * @returns `more`: there are older ones.
 */
export async function readLetters(
  queue: Queue,
  signal: AbortSignal,
): Promise<{ readonly letters: Letter[]; readonly more: boolean }> {
  const { env, connector, settings, layers, identity } = queue;
  const admin = await env.kafka.admin(adminClient(layers, identity));
  try {
    const known = await admin.describeTopics([settings.topic, replayedTopic(queue)]);
    const partitions = known.get(settings.topic);
    if (partitions === undefined) return { letters: [], more: false };
    const { records, more } = await readNewest(queue, admin, partitions, signal);
    const replayed = known.has(replayedTopic(queue)) ? await readReplayed(queue, signal) : new Set<string>();
    const own = records.filter((record) => (connectorOf(record) ?? connector) === connector);
    return { letters: own.map((record) => toLetter(record, replayed.has(letterId(record)))), more };
  } finally {
    await admin.close();
  }
}

/** Ids of the letters that were sent again. Makes the topic that notes them, if it is not there. */
export async function readReplayed(queue: Queue, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { env, settings, layers, identity } = queue;
  const table = await openCompactedTopic({
    client: env.kafka,
    clock: env.clock,
    config: offsetsConsumer(layers, identity),
    topic: replayedTopic(queue),
    partitions: 1,
    replicationFactor: settings.replicationFactor,
    timeoutMs: READ_TIMEOUT_MS,
    signal,
  });
  try {
    const utf8 = new TextDecoder();
    return new Set([...table.entries()].map(([key]) => utf8.decode(key)));
  } finally {
    await table.close();
  }
}

async function readNewest(
  { env, settings: { topic }, layers, identity }: Queue,
  admin: Admin,
  partitions: number,
  signal: AbortSignal,
): Promise<{ readonly records: ConsumedRecord[]; readonly more: boolean }> {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const ends = await admin.endOffsets(all, "read_committed");
  const each = Math.ceil(LETTERS_MAX / partitions);
  const starts = ends.map((end) => ({ ...end, offset: Math.max(0, end.offset - each) }));
  const config: ClientConfig = {
    ...offsetsConsumer(layers, identity),
    "isolation.level": "read_committed",
    "auto.offset.reset": "earliest",
  };
  const consumer = await env.kafka.consumer(config);
  const deadlineMs = env.clock.monotonicMs() + READ_TIMEOUT_MS;
  const newest = new Newest();
  try {
    await consumer.assign(starts);
    let behind = ends.filter((end) => end.offset > 0);
    while (behind.length > 0) {
      signal.throwIfAborted();
      if (env.clock.monotonicMs() > deadlineMs) {
        throw new ProtocolError("TIMEOUT", `The dead letter queue ${topic} could not be read to its end; ask again`);
      }
      newest.add(await consumer.poll(POLL_RECORDS_MAX, POLL_MS));
      behind = behind.filter((end) => (consumer.position(end) ?? 0) < end.offset);
    }
  } finally {
    await consumer.close();
  }
  const records = newest.records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  return { records, more: newest.dropped || starts.some(({ offset }) => offset > 0) };
}

/** Records up to a bound of memory; the first that were added go first (I8). */
class Newest {
  records: ConsumedRecord[] = [];
  dropped = false;
  #bytes = 0;

  add(records: readonly ConsumedRecord[]): void {
    for (const record of records) this.#bytes += size(record);
    this.records.push(...records);
    let drop = 0;
    while (this.#bytes > BYTES_MAX && drop < this.records.length - 1) this.#bytes -= size(this.records[drop++]!);
    if (drop === 0) return;
    this.records = this.records.slice(drop);
    this.dropped = true;
  }
}

function size({ key, value }: ConsumedRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}
