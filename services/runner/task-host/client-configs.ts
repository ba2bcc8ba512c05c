// Pure: Kafka client properties of a task, layered as Connect layers them (later wins).
import { ConfigError } from "@millrace/connect";
import { clientOverrides, type OverridePolicy, refusedOverrides } from "./connector/override-policy.ts";

export type Properties = Readonly<Record<string, string>>;

export interface ClientLayers {
  /** The worker's properties, `producer.`, `consumer.` and `admin.` ones included. */
  readonly worker: Properties;
  /** The connector's, resolved. */
  readonly connector: Properties;
}

/**
 * The layers of a connector whose overrides the worker allows: its policy may have changed since they were validated.
 * @throws ConfigError naming every override that is refused, without its value (I9).
 */
export function allowedLayers(
  worker: OverridePolicy & { readonly properties: Properties },
  type: "source" | "sink",
  connector: Properties,
): ClientLayers {
  const refused = clientOverrides(type, connector, worker).flatMap(({ name, problem }) =>
    problem === null ? [] : [`${name}: ${problem}`],
  );
  if (refused.length > 0) throw new ConfigError(`Client Config Overrides not allowed [${refused.join(", ")}]`);
  return permittedLayers(worker, connector);
}

/** The layers without what the worker's policy refuses. */
export function permittedLayers(
  worker: OverridePolicy & { readonly properties: Properties },
  connector: Properties,
): ClientLayers {
  const refused = new Set(refusedOverrides(connector, worker));
  const permitted = Object.fromEntries(Object.entries(connector).filter(([name]) => !refused.has(name)));
  return { worker: worker.properties, connector: permitted };
}

export interface TaskIdentity {
  readonly groupId: string;
  readonly connector: string;
  readonly task: number;
}

/** A value of the user's that exactly-once replaces. */
export interface Replaced {
  readonly name: string;
  readonly given: string;
  readonly used: string;
}

/** What any client of the worker connects with: its own properties without prefixes, framework settings left out. */
export function connectionConfig(worker: Properties): Record<string, string> {
  const config: Record<string, string> = {};
  for (const [name, value] of Object.entries(worker)) {
    if (/^(bootstrap\.servers|security\.protocol|client\.dns\.lookup)$/.test(name) || /^(sasl|ssl)\./.test(name)) {
      config[name] = value;
    }
  }
  return config;
}

export function withPrefix(properties: Properties, prefix: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith(prefix)) found[name.slice(prefix.length)] = value;
  }
  return found;
}

/** `<group>-<connector>-<task>`, unescaped: the same id as Connect's, so that each fences the other. */
export function transactionalId(identity: TaskIdentity): string {
  return `${identity.groupId}-${identity.connector}-${identity.task}`;
}

function taskProducer(layers: ClientLayers, clientId: string): Record<string, string> {
  return {
    ...connectionConfig(layers.worker),
    "client.id": clientId,
    acks: "all",
    "delivery.timeout.ms": "2147483647",
    ...withPrefix(layers.worker, "producer."),
    ...withPrefix(layers.connector, "producer.override."),
  };
}

/** Idempotence stays off unless asked for, and order is kept by one request in flight, as in Connect. */
const AT_LEAST_ONCE = { "max.in.flight.requests.per.connection": "1", "enable.idempotence": "false" };

export function atLeastOnceProducer(layers: ClientLayers, identity: TaskIdentity): Record<string, string> {
  return { ...AT_LEAST_ONCE, ...taskProducer(layers, taskClientId("producer", identity)) };
}

/** Of a sink's dead letter queue. */
export function deadLetterProducer(layers: ClientLayers, identity: TaskIdentity): Record<string, string> {
  return { ...AT_LEAST_ONCE, ...taskProducer(layers, taskClientId("dlq-producer", identity)) };
}

function taskClientId(client: string, { connector, task }: TaskIdentity): string {
  return `connector-${client}-${connector}-${task}`;
}

/**
 * Few large requests cost librdkafka's threads and the broker much less than many small ones. Nothing waits for it: a commit
 * sends what is left at once, and nobody reads records before it.
 */
const LINGER_MS = { "linger.ms": "20" };

/** Exactly-once: idempotence and the transactional id are not the user's to change. */
export function exactlyOnceProducer(
  layers: ClientLayers,
  identity: TaskIdentity,
): { config: Record<string, string>; replaced: Replaced[] } {
  const config: Record<string, string> = { ...LINGER_MS, ...taskProducer(layers, taskClientId("producer", identity)) };
  const forced = { "enable.idempotence": "true", "transactional.id": transactionalId(identity) };
  const replaced: Replaced[] = [];
  for (const [name, used] of Object.entries(forced)) {
    const given = config[name];
    if (given !== undefined && given !== used) replaced.push({ name, given, used });
  }
  return { config: { ...config, ...forced }, replaced };
}

export function replacedMessage({ name, given, used }: Replaced): string {
  return `The value '${given}' for the '${name}' property will be ignored as it cannot be overridden for connectors when exactly-once source support is enabled. The value '${used}' will be used instead.`;
}

/** Reads the offsets topic: without a group; that only committed records are read is the table's own rule. */
export function offsetsConsumer(layers: ClientLayers, identity: TaskIdentity): Record<string, string> {
  return {
    ...connectionConfig(layers.worker),
    ...withPrefix(layers.worker, "consumer."),
    ...withPrefix(layers.connector, "consumer.override."),
    "client.id": taskClientId("offsets", identity),
  };
}

/** Writes the worker's offsets topic for a connector that has one of its own: the worker's settings alone count. */
export function workerOffsetsProducer(layers: ClientLayers, identity: TaskIdentity): Record<string, string> {
  return {
    ...atLeastOnceProducer({ worker: layers.worker, connector: {} }, identity),
    "client.id": taskClientId("offsets", identity),
  };
}

/** The group is `connect-<connector>`, unless overridden. */
export function sinkConsumer(layers: ClientLayers, identity: TaskIdentity): Record<string, string> {
  return {
    ...connectionConfig(layers.worker),
    "client.id": taskClientId("consumer", identity),
    "group.id": `connect-${identity.connector}`,
    "auto.offset.reset": "earliest",
    ...withPrefix(layers.worker, "consumer."),
    ...withPrefix(layers.connector, "consumer.override."),
    "enable.auto.commit": "false",
  };
}

export function adminClient(
  layers: ClientLayers,
  identity: TaskIdentity,
  client: "adminclient" | "dlq-adminclient" = "adminclient",
): Record<string, string> {
  return {
    ...connectionConfig(layers.worker),
    "client.id": taskClientId(client, identity),
    ...withPrefix(layers.worker, "admin."),
    ...withPrefix(layers.connector, "admin.override."),
  };
}
