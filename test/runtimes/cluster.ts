import { setTimeout as sleep } from "node:timers/promises";
import { type Child, type Ending, startChild } from "./child.ts";
import { answer } from "./rest.ts";
import { node, type Runtime } from "./runtimes.ts";

export interface Servers {
  readonly bootstrapServers: string;
  readonly databaseUrl: string;
  readonly natsUrl: string;
}

/** A gateway, a config service and a scheduler under one runtime; a runner and one more gateway under Node. */
export interface Cluster {
  /** Of the gateway under the runtime: `http://host:port`. */
  readonly gateway: string;
  readonly nodeGateway: string;
  /** Asks every process to end, all at once; resolves with how each did, by its name. */
  stop(): Promise<Record<string, Ending>>;
  /** What each process has printed last. */
  output(): string;
}

const stringConverter = "org.apache.kafka.connect.storage.StringConverter";
const readyTimeoutMs = 30_000;
const probeIntervalMs = 50;

/** Resolves when every service answers. */
export async function startCluster(runtime: Runtime, groupId: string, servers: Servers): Promise<Cluster> {
  const env = environment(groupId, servers);
  const start = (service: string, under: Runtime): Child =>
    startChild({
      name: `${service} under ${under.name}`,
      command: under.command(),
      args: [...under.serviceArgs, `services/${service}/main.ts`],
      env,
    });
  const gateway = start("gateway", runtime);
  const nodeGateway = runtime === node ? gateway : start("gateway", node);
  const others = [start("config", runtime), start("scheduler", runtime), start("runner", node)];
  const children = [...new Set([gateway, nodeGateway, ...others])];
  const output = () => children.map((child) => `--- ${child.name}\n${child.output()}`).join("\n");
  const stop = async () =>
    Object.fromEntries(await Promise.all(children.map(async (child) => [child.name, await child.stop()] as const)));

  try {
    const [address, nodeAddress] = await Promise.all([addressOf(gateway), addressOf(nodeGateway)]);
    await healthy(address);
    return { gateway: address, nodeGateway: nodeAddress, stop, output };
  } catch (cause) {
    await stop();
    throw new Error(`the cluster under ${runtime.name} did not start: ${(cause as Error).message}\n${output()}`, {
      cause,
    });
  }
}

function environment(groupId: string, servers: Servers): Record<string, string | undefined> {
  return {
    ...process.env,
    DATABASE_URL: servers.databaseUrl,
    NATS_URL: servers.natsUrl,
    CONNECT_GROUP_ID: groupId,
    CONNECT_LISTENERS: "http://127.0.0.1:0",
    CONNECT_MILLRACE_LOG_FORMAT: "json",
    CONNECT_MILLRACE_TASK_HOSTS: "1",
    CONNECT_BOOTSTRAP_SERVERS: servers.bootstrapServers,
    CONNECT_OFFSET_STORAGE_TOPIC: offsetsTopic(groupId),
    CONNECT_OFFSET_STORAGE_PARTITIONS: "1",
    CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR: "1",
    CONNECT_CONFIG_STORAGE_TOPIC: `${groupId}_configs`,
    CONNECT_STATUS_STORAGE_TOPIC: `${groupId}_status`,
    CONNECT_KEY_CONVERTER: stringConverter,
    CONNECT_VALUE_CONVERTER: stringConverter,
  };
}

export const offsetsTopic = (groupId: string): string => `${groupId}_offsets`;

/** The gateway logs where it listens, which is a free port. */
async function addressOf(gateway: Child): Promise<string> {
  const [address] = (await gateway.printed("addresses")) as string[];
  if (address === undefined) throw new Error(`${gateway.name} listens nowhere`);
  return address;
}

/** 200 means: a config service, a scheduler and a runner answer. */
async function healthy(gateway: string): Promise<void> {
  const deadlineMs = performance.now() + readyTimeoutMs;
  for (;;) {
    const { status, body } = await answer(gateway, { method: "GET", path: "/health" });
    if (status === 200) return;
    if (performance.now() > deadlineMs) throw new Error(`GET /health: ${status} ${body}`);
    await sleep(probeIntervalMs);
  }
}
