import type { OffsetEntry } from "../ipc.ts";
import { adminClient, allowedLayers, type ClientLayers, sinkConsumer, type TaskIdentity } from "./client-configs.ts";
import type { HostEnvironment } from "./environment.ts";
import { openSourceOffsets } from "./source/start-source-task.ts";
import { connectorPlugin } from "./task-plugins.ts";
import { withRevealed } from "./with-revealed.ts";

const READ_TIMEOUT_MS = 60_000;

/** What `GET /connectors/{c}/offsets` shows: a source's partitions, or a sink's consumer group. */
export function connectorOffsets(
  env: HostEnvironment,
  connector: string,
  rawConfig: Readonly<Record<string, string>>,
): Promise<OffsetEntry[]> {
  return withRevealed(env, rawConfig, (config) => readOffsets(env, connector, config));
}

async function readOffsets(
  env: HostEnvironment,
  connector: string,
  config: Readonly<Record<string, string>>,
): Promise<OffsetEntry[]> {
  const { type } = connectorPlugin(env, config);
  const layers = allowedLayers(env.worker, type, config);
  const identity = { groupId: env.worker.groupId, connector, task: 0 };
  if (type === "source") {
    const late = new AbortController();
    const cancel = env.clock.after(READ_TIMEOUT_MS, () => late.abort(new Error("reading the offsets took too long")));
    try {
      const offsets = openSourceOffsets(env, connector, layers, identity, late.signal);
      return (await offsets.all()).map(({ partition, offset }) => ({
        partition: { ...partition },
        offset: { ...offset },
      }));
    } finally {
      cancel();
    }
  }
  const admin = await env.kafka.admin(adminClient(layers, identity));
  try {
    return (await admin.groupOffsets(sinkGroup(layers, identity))).map(({ topic, partition, offset }) => ({
      partition: { kafka_topic: topic, kafka_partition: partition },
      offset: { kafka_offset: offset },
    }));
  } finally {
    await admin.close();
  }
}

/** The group a sink's tasks consume in. */
export function sinkGroup(layers: ClientLayers, identity: TaskIdentity): string {
  return sinkConsumer(layers, identity)["group.id"]!;
}
