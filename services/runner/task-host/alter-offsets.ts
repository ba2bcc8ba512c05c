import { isConnectError, type OffsetMap, type SinkPlugin, type SourcePlugin } from "@millrace/connect";
import { isKafkaError, type TopicPartitionOffset } from "@millrace/kafka";
import { ProtocolError } from "@millrace/protocol";
import type { OffsetRequest } from "../ipc.ts";
import { adminClient, allowedLayers, type ClientLayers, sinkConsumer, type TaskIdentity } from "./client-configs.ts";
import { sinkGroup } from "./connector-offsets.ts";
import type { HostEnvironment } from "./environment.ts";
import { type SinkOffsetChange, sinkOffsetChanges } from "./sink/sink-offset-requests.ts";
import type { OffsetWrite } from "./source/delivery.ts";
import { openCommitter } from "./source/open-committer.ts";
import { openSourceOffsets } from "./source/start-source-task.ts";
import { connectorPlugin } from "./task-plugins.ts";
import { withRevealed } from "./with-revealed.ts";

const READ_TIMEOUT_MS = 60_000;

export interface OffsetsAlteration {
  readonly connector: string;
  readonly rawConfig: Readonly<Record<string, string>>;
  /** Null: removes every offset there is. */
  readonly offsets: readonly OffsetRequest[] | null;
}

interface Target {
  readonly env: HostEnvironment;
  readonly connector: string;
  readonly config: Readonly<Record<string, string>>;
  readonly layers: ClientLayers;
  readonly identity: TaskIdentity;
}

/**
 * Sets the offsets of a connector that is STOPPED and whose tasks are gone: who asks has made sure of that. The connector is
 * asked first and may refuse.
 * @returns whether the connector itself took care of offsets that it keeps elsewhere.
 * @throws ProtocolError INVALID for offsets that cannot be; INTERNAL with the connector's own words when it refuses.
 */
export function alterOffsets(env: HostEnvironment, request: OffsetsAlteration): Promise<boolean> {
  const { connector, rawConfig, offsets } = request;
  return withRevealed(env, rawConfig, async (config) => {
    const plugin = connectorPlugin(env, config);
    const layers = allowedLayers(env.worker, plugin.type, config);
    const target = { env, connector, config, layers, identity: { groupId: env.worker.groupId, connector, task: 0 } };
    return plugin.type === "source"
      ? alterSourceOffsets(target, plugin, offsets)
      : alterSinkOffsets(target, plugin, offsets);
  });
}

async function alterSourceOffsets(
  target: Target,
  plugin: SourcePlugin,
  requests: readonly OffsetRequest[] | null,
): Promise<boolean> {
  const { env, connector, config, layers, identity } = target;
  const late = new AbortController();
  const cancel = env.clock.after(READ_TIMEOUT_MS, () => late.abort(new Error("reading the offsets took too long")));
  try {
    const stored = openSourceOffsets(env, connector, layers, identity, late.signal);
    const known = await stored.all();
    const changes = requests ?? known.map(({ partition }) => ({ partition, offset: null }));
    const altered = await askConnector(() =>
      plugin.alterOffsets?.(config, changes as { partition: OffsetMap; offset: OffsetMap | null }[]),
    );
    const writes = changes.map(({ partition, offset }) => {
      if (partition === null) throw new ProtocolError("INVALID", "The partition of a source offset cannot be null");
      return stored.encode(partition as OffsetMap, offset as OffsetMap | null);
    });
    if (writes.length > 0) await write(target, writes, { twoLevel: stored.twoLevel, signal: late.signal });
    return altered;
  } finally {
    cancel();
  }
}

/** As a task writes them. The transactional id is task 0's: what may still use it is fenced. */
async function write(
  { env, config, layers, identity }: Target,
  offsets: readonly OffsetWrite[],
  { twoLevel, signal }: { readonly twoLevel: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { committer } = await openCommitter(env, {
    layers,
    identity,
    offsetsTopic: config["offsets.storage.topic"] ?? env.worker.offsetStorageTopic,
    twoLevel,
    signal,
    logger: env.logger,
    transactionIntervalMs: 0,
    initialised: async () => {},
  });
  let open = true;
  try {
    await committer.commit(0, offsets);
    open = false;
  } finally {
    await committer.close(open);
  }
}

async function alterSinkOffsets(
  target: Target,
  plugin: SinkPlugin,
  requests: readonly OffsetRequest[] | null,
): Promise<boolean> {
  const { env, config, layers, identity } = target;
  const group = sinkGroup(layers, identity);
  const admin = await env.kafka.admin(adminClient(layers, identity));
  try {
    const before = await admin.groupOffsets(group);
    const changes = requests ? sinkOffsetChanges(requests) : before.map((each) => ({ ...each, offset: null }));
    const altered = await askConnector(() => plugin.alterOffsets?.(config, changes));
    const verb = requests === null ? "reset" : "alter";
    await asOutsider(target, verb, async () => {
      // Kafka's call that removes single offsets is not in librdkafka: the group goes whole, and the rest comes back.
      const removes = requests === null || changes.some(({ offset }) => offset === null);
      if (removes) await admin.deleteGroup(group);
      const after = requests === null ? [] : offsetsAfter(removes ? before : [], changes);
      if (after.length > 0) await commit(target, after);
    });
    return altered;
  } finally {
    await admin.close();
  }
}

/** Pure in effect: what was, with the changes applied and removed partitions left out. */
function offsetsAfter(
  before: readonly TopicPartitionOffset[],
  changes: readonly SinkOffsetChange[],
): TopicPartitionOffset[] {
  const after = new Map(before.map((each) => [`${each.partition} ${each.topic}`, each]));
  for (const { topic, partition, offset } of changes) {
    const key = `${partition} ${topic}`;
    if (offset === null) after.delete(key);
    else after.set(key, { topic, partition, offset });
  }
  return [...after.values()];
}

async function commit({ env, layers, identity }: Target, offsets: readonly TopicPartitionOffset[]): Promise<void> {
  const consumer = await env.kafka.consumer(sinkConsumer(layers, identity));
  try {
    await consumer.commit(offsets);
  } finally {
    await consumer.close();
  }
}

const GROUP_IN_USE = new Set(["NON_EMPTY_GROUP", "UNKNOWN_MEMBER_ID"]);

/** A group that still has members refuses everybody else. */
async function asOutsider({ connector }: Target, verb: "alter" | "reset", change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (cause) {
    if (!isKafkaError(cause) || !GROUP_IN_USE.has(cause.code)) throw cause;
    throw new ProtocolError(
      "INTERNAL",
      `Failed to ${verb} consumer group offsets for connector ${connector} either because its tasks haven't stopped completely yet or the connector was resumed before the request to ${verb} its offsets could be successfully completed. If the connector is in a stopped state, this operation can be safely retried. If it doesn't eventually succeed, the Connect cluster may need to be restarted to get rid of the zombie sink tasks.`,
      { cause, retriable: true },
    );
  }
}

/** The connector's refusal reaches the user as it is. */
async function askConnector(ask: () => boolean | Promise<boolean> | undefined): Promise<boolean> {
  try {
    return (await ask()) ?? false;
  } catch (cause) {
    if (!isConnectError(cause)) throw cause;
    throw new ProtocolError("INTERNAL", cause.message, { cause });
  }
}
