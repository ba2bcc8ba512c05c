import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { advertisedAddress, parseListener } from "./listeners.ts";
import { loadWorkerConfig, WorkerConfigError, type WorkerConfigSources } from "./worker-config.ts";

const DISTRIBUTED = `
bootstrap.servers=a:9092,b:9092
group.id=connect-cluster
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
offset.storage.topic=my-offsets
config.storage.topic=my-configs
status.storage.topic=my-status
`;

const STANDALONE = `
bootstrap.servers=localhost:9092
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
offset.storage.file.filename=/tmp/connect.offsets
offset.flush.interval.ms=10000
`;

function problems(sources: WorkerConfigSources): string {
  try {
    loadWorkerConfig(sources);
  } catch (error) {
    assert.ok(error instanceof WorkerConfigError);
    return error.message;
  }
  assert.fail("the configuration was accepted");
}

test("loadWorkerConfig reads a distributed file with Connect's and Millrace's defaults", () => {
  const config = loadWorkerConfig({ text: DISTRIBUTED });
  assert.equal(config.standalone, false);
  assert.equal(config.groupId, "connect-cluster");
  assert.equal(config.bootstrapServers, "a:9092,b:9092");
  assert.equal(config.headerConverter, "org.apache.kafka.connect.storage.SimpleHeaderConverter");
  assert.deepEqual(config.listeners, [{ protocol: "http", host: "", port: 8083 }]);
  assert.equal(config.adminListeners, null);
  assert.match(config.workerId, /^\d+\.\d+\.\d+\.\d+:8083$/);
  assert.equal(config.offsetStoragePartitions, 25);
  assert.equal(config.offsetStorageReplicationFactor, 3);
  assert.equal(config.exactlyOnceSourceSupport, "enabled");
  assert.equal(config.heartbeatIntervalMs, 1000);
  assert.equal(config.sessionTimeoutMs, 5000);
  assert.equal(config.scheduledRebalanceMaxDelayMs, 0);
  assert.equal(config.offsetFlushIntervalMs, 60_000);
  assert.equal(config.clientConfigOverridePolicy, "All");
  assert.ok(config.hosts >= 1);
  assert.equal(config.databaseUrl, null);
  assert.equal(config.properties["offset.storage.topic"], "my-offsets");
});

test("loadWorkerConfig fills in what a standalone file lacks", () => {
  const config = loadWorkerConfig({ text: STANDALONE });
  assert.equal(config.standalone, true);
  assert.equal(config.groupId, "connect-standalone");
  assert.deepEqual(
    [config.offsetStorageTopic, config.configStorageTopic, config.statusStorageTopic],
    ["connect-offsets", "connect-configs", "connect-status"],
  );
  assert.equal(config.offsetStorageReplicationFactor, -1);
  assert.equal(config.offsetFlushIntervalMs, 10_000);
  assert.equal(config.properties["offset.storage.file.filename"], "/tmp/connect.offsets");
});

test("loadWorkerConfig lets the environment replace the file, and overrides the environment", () => {
  const config = loadWorkerConfig({
    text: `${DISTRIBUTED}millrace.nats.url=nats://file\nmillrace.task.hosts=1`,
    env: {
      CONNECT_GROUP_ID: "from-env",
      CONNECT_MILLRACE_TASK_HOSTS: "2",
      NATS_URL: "nats://env",
      DATABASE_URL: "postgres://u:p@db/millrace",
      CONNECT_MILLRACE_DATABASE_URL: "postgresql://other/millrace",
    },
    overrides: { "millrace.task.hosts": "3" },
  });
  assert.equal(config.groupId, "from-env");
  assert.equal(config.hosts, 3);
  assert.equal(config.natsUrl, "nats://env");
  assert.equal(config.databaseUrl, "postgresql://other/millrace");
});

test("loadWorkerConfig lists every problem, in Kafka's words", () => {
  const message = problems({
    text: DISTRIBUTED.replace("key.converter", "#"),
    env: {
      CONNECT_OFFSET_FLUSH_INTERVAL_MS: "soon",
      CONNECT_OFFSET_FLUSH_TIMEOUT_MS: "0",
      CONNECT_OFFSET_STORAGE_PARTITIONS: "0",
      CONNECT_TOPIC_CREATION_ENABLE: "yes",
      CONNECT_EXACTLY_ONCE_SOURCE_SUPPORT: "ENABLED",
      CONNECT_LISTENERS: "http://:8083,localhost",
      CONNECT_REST_ADVERTISED_PORT: "70000",
      CONNECT_CONFIG_PROVIDERS: "file",
    },
    mode: "distributed",
  });
  const [head, ...lines] = message.split("\n  ");
  assert.equal(head, "The worker configuration from the environment cannot be used:");
  assert.deepEqual(lines.sort(), [
    "Invalid value 0 for configuration offset.flush.timeout.ms: Value must be at least 1",
    "Invalid value 0 for configuration offset.storage.partitions: Number of partitions must be positive, or -1 to use the broker's default",
    "Invalid value 70000 for configuration rest.advertised.port: Value must be no more than 65535",
    "Invalid value ENABLED for configuration exactly.once.source.support: String must be one of: disabled, preparing, enabled",
    "Invalid value http://:8083,localhost for configuration listeners: Listener doesn't have the right format (protocol://hostname:port).",
    "Invalid value soon for configuration offset.flush.interval.ms: Not a number of type LONG",
    "Invalid value yes for configuration topic.creation.enable: Expected value to be either true or false",
    'Missing required configuration "config.providers.file.class" which has no default value.',
    'Missing required configuration "key.converter" which has no default value.',
  ]);
});

test("loadWorkerConfig shows no credentials in its error", () => {
  const message = problems({ text: DISTRIBUTED, env: { DATABASE_URL: "mysql://joe:hunter2@db/x" } });
  assert.match(message, /Invalid value mysql:\/\/\[hidden\]@db\/x for configuration millrace\.database\.url: Expected/);
});

test("loadWorkerConfig demands the group and storage topics when told that it is distributed", () => {
  const message = problems({ text: STANDALONE, mode: "distributed" });
  for (const key of ["group.id", "offset.storage.topic", "config.storage.topic", "status.storage.topic"]) {
    assert.ok(message.includes(`Missing required configuration "${key}"`), key);
  }
});

test("loadWorkerConfig asks no Kafka property of a service that uses none", () => {
  const config = loadWorkerConfig({ env: { CONNECT_GROUP_ID: "g" }, mode: "distributed", kafka: false });
  assert.deepEqual([config.groupId, config.bootstrapServers, config.keyConverter], ["g", "", ""]);
});

test("loadWorkerConfig fits heartbeat and session timeout to the one that is given", () => {
  const times = (lines: string) => {
    const { heartbeatIntervalMs, sessionTimeoutMs } = loadWorkerConfig({ text: DISTRIBUTED + lines });
    return [heartbeatIntervalMs, sessionTimeoutMs];
  };
  assert.deepEqual(times("session.timeout.ms=30000"), [1000, 30_000]);
  assert.deepEqual(times("session.timeout.ms=1500"), [500, 1500]);
  assert.deepEqual(times("heartbeat.interval.ms=3000"), [3000, 9000]);
  assert.deepEqual(times("heartbeat.interval.ms=3000\nsession.timeout.ms=10000"), [3000, 10_000]);
  assert.match(
    problems({ text: `${DISTRIBUTED}heartbeat.interval.ms=3000\nsession.timeout.ms=3000` }),
    /Invalid value 3000 for configuration heartbeat\.interval\.ms: Value must be less than session\.timeout\.ms/,
  );
});

test("loadWorkerConfig reads config providers with their parameters", () => {
  const lines = [
    "config.providers=env,dir",
    "config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider",
    "config.providers.env.param.allowlist.pattern=^APP_",
    "config.providers.dir.class=X",
  ];
  assert.deepEqual(loadWorkerConfig({ text: DISTRIBUTED + lines.join("\n") }).configProviders, [
    {
      name: "env",
      class: "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
      params: { "allowlist.pattern": "^APP_" },
    },
    { name: "dir", class: "X", params: {} },
  ]);
});

test("loadWorkerConfig reads a file and names the one it cannot read", () => {
  const dir = mkdtempSync(join(tmpdir(), "millrace-"));
  try {
    const file = join(dir, "worker.properties");
    writeFileSync(file, STANDALONE);
    assert.equal(loadWorkerConfig({ file }).bootstrapServers, "localhost:9092");
    assert.match(problems({ file: join(dir, "none") }), /file .*none cannot be read: ENOENT/);
    assert.match(problems({ file, overrides: { "key.converter": " " } }), /from .*worker\.properties and the env/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("loadWorkerConfig takes a blank optional property for an absent one, and millrace.worker.id for the worker's id", () => {
  const text = `${DISTRIBUTED}rest.advertised.host.name=\nadmin.listeners=\nlisteners=http://1.2.3.4:80`;
  const config = loadWorkerConfig({ text });
  assert.deepEqual([config.workerId, config.adminListeners], ["1.2.3.4:80", []]);
  assert.equal(loadWorkerConfig({ text, overrides: { "millrace.worker.id": "w-1:1" } }).workerId, "w-1:1");
});

test("WorkerConfig survives JSON, as on its way to a task host", () => {
  const config = loadWorkerConfig({ text: DISTRIBUTED });
  assert.deepEqual(JSON.parse(JSON.stringify(config)), config);
});

test("parseListener reads protocol, host and port, and refuses the rest in Connect's words", () => {
  assert.deepEqual(parseListener("HTTPS://[::1]:8443"), { protocol: "https", host: "::1", port: 8443 });
  for (const bad of ["http://host", "8083", "http://host:x", "http://h:99999"]) {
    assert.throws(() => parseListener(bad), { message: /right format \(protocol:\/\/hostname:port\)/ });
  }
  assert.throws(() => parseListener("ftp://h:1"), /either "http" or "https"/);
});

test("advertisedAddress prefers what is said, then a listener's own host, then this machine's", () => {
  const listeners = [parseListener("https://secure:8443"), parseListener("http://0.0.0.0:8080")];
  const given = { listeners, hostName: null, port: null, listener: null, localAddress: "10.0.0.1" };
  assert.deepEqual(advertisedAddress(given), { host: "10.0.0.1", port: 8080 });
  assert.deepEqual(advertisedAddress({ ...given, listener: "https" }), { host: "secure", port: 8443 });
  assert.deepEqual(advertisedAddress({ ...given, hostName: "pub", port: 80 }), { host: "pub", port: 80 });
});
