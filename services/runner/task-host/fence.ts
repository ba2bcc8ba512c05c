import { exactlyOnceProducer, permittedLayers } from "./client-configs.ts";
import type { HostEnvironment } from "./environment.ts";
import { connectorPlugin } from "./task-plugins.ts";
import { withRevealed } from "./with-revealed.ts";

const FENCE_TIMEOUT_MS = 60_000;
/** Producers open at the same time during one round. */
const FENCE_PARALLEL = 8;

/**
 * Zombie fencing (I3): takes over the transactional ids of tasks 0..tasks-1, one throw-away producer each. That raises
 * their epochs at the broker and aborts what they left open. librdkafka has no fenceProducers call; this is its effect.
 * Sinks have no transactional ids: nothing to do.
 */
export function fenceTasks(
  env: HostEnvironment,
  connector: string,
  rawConfig: Readonly<Record<string, string>>,
  tasks: number,
): Promise<void> {
  return withRevealed(env, rawConfig, (config) => fence(env, connector, config, tasks));
}

async function fence(
  env: HostEnvironment,
  connector: string,
  config: Readonly<Record<string, string>>,
  tasks: number,
): Promise<void> {
  if (connectorPlugin(env, config).type === "sink") return;
  // What the policy refuses fails the tasks when they start: there it is seen.
  const layers = permittedLayers(env.worker, config);
  for (let first = 0; first < tasks; first += FENCE_PARALLEL) {
    const count = Math.min(FENCE_PARALLEL, tasks - first);
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const identity = { groupId: env.worker.groupId, connector, task: first + i };
        const producer = await env.kafka.transactionalProducer(exactlyOnceProducer(layers, identity).config);
        try {
          await producer.initTransactions(FENCE_TIMEOUT_MS);
        } finally {
          await producer.close();
        }
      }),
    );
  }
}
