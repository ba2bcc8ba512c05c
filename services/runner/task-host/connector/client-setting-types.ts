// Pure: the types of Kafka client settings that are not text, so that a wrong override is refused before a task starts.
import { type ConfigType, parseConfigType } from "@millrace/connect";

const TYPES: readonly [type: ConfigType, names: string][] = [
  [
    "INT",
    `batch.size delivery.timeout.ms request.timeout.ms max.request.size max.in.flight.requests.per.connection retries
     send.buffer.bytes receive.buffer.bytes metrics.num.samples transaction.timeout.ms compression.gzip.level
     compression.lz4.level compression.zstd.level session.timeout.ms heartbeat.interval.ms max.poll.interval.ms
     max.poll.records fetch.min.bytes fetch.max.bytes fetch.max.wait.ms max.partition.fetch.bytes auto.commit.interval.ms
     default.api.timeout.ms sasl.login.connect.timeout.ms sasl.login.read.timeout.ms sasl.oauthbearer.clock.skew.seconds`,
  ],
  [
    "LONG",
    `linger.ms buffer.memory max.block.ms metadata.max.age.ms metadata.max.idle.ms connections.max.idle.ms retry.backoff.ms
     retry.backoff.max.ms reconnect.backoff.ms reconnect.backoff.max.ms socket.connection.setup.timeout.ms
     socket.connection.setup.timeout.max.ms metrics.sample.window.ms partitioner.availability.timeout.ms
     sasl.kerberos.min.time.before.relogin sasl.login.retry.backoff.ms sasl.login.retry.backoff.max.ms`,
  ],
  ["SHORT", "sasl.login.refresh.min.period.seconds sasl.login.refresh.buffer.seconds"],
  [
    "DOUBLE",
    `sasl.kerberos.ticket.renew.window.factor sasl.kerberos.ticket.renew.jitter sasl.login.refresh.window.factor
     sasl.login.refresh.window.jitter`,
  ],
  [
    "BOOLEAN",
    `enable.idempotence partitioner.ignore.keys partitioner.adaptive.partitioning.enable enable.metrics.push
     enable.auto.commit exclude.internal.topics check.crcs allow.auto.create.topics`,
  ],
];

const typeOf = new Map(TYPES.flatMap(([type, names]) => names.split(/\s+/).map((name) => [name, type] as const)));

/** @throws ConfigError when the value is not of the setting's type. A setting unknown here may be anything. */
export function checkClientSetting(name: string, value: string): void {
  const type = typeOf.get(name);
  if (type !== undefined) parseConfigType(name, value, type);
}
