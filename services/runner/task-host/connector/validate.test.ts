import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, definePlugin, type Plugin } from "@millrace/connect";
import { openHostFixture } from "../../testing/host-fixture.ts";
import { validateConnector } from "./validate.ts";

const source = definePlugin({
  type: "source",
  class: "test.TableSourceConnector",
  version: "1",
  overview: "For these tests.",
  config: new ConfigDef()
    .define({ name: "table", type: "STRING", importance: "HIGH", documentation: "Table." })
    .define({ name: "db.password", type: "PASSWORD", default: null, importance: "LOW", documentation: "Password." })
    .define({ name: "batch", type: "INT", default: 10, importance: "LOW", documentation: "Rows." }),
  validate: (config) =>
    config.table === "missing" ? [{ name: "table", message: `no table for app:${config["db.password"]}` }] : [],
  exactlyOnceSupport: (config) => (config.batch === "1" ? "SUPPORTED" : "UNSUPPORTED"),
  create: () => ({}) as never,
});
const sink: Plugin = {
  type: "sink",
  class: "test.TableSink",
  version: "1",
  overview: "",
  config: new ConfigDef(),
  create: () => ({}) as never,
};
const transform: Plugin = {
  type: "transformation",
  class: "test.Rename",
  version: "1",
  overview: "",
  config: new ConfigDef().define({ name: "to", type: "STRING", importance: "HIGH", documentation: "Name." }),
  create: () => ({}) as never,
};

const secrets = { MILLRACE_SECRET_DB_PASSWORD: "hunter2secret" };
const reference = "$" + "{secrets:db:password}";
const valid = { name: "c", "connector.class": "TableSource", table: "orders" };

async function validate(config: Record<string, string | null>, worker: Record<string, string> = {}) {
  const { env } = openHostFixture({ plugins: [source, sink, transform], worker, secrets });
  const { infos, type, passwords } = await validateConnector(env, config);
  const errors: Record<string, readonly string[]> = {};
  for (const { value } of infos.configs) if (value && value.errors.length > 0) errors[value.name] = value.errors;
  return { infos, type, passwords, errors };
}

test("validateConnector accepts a source and a sink and tells which is which", async () => {
  const one = await validate(valid);
  assert.deepEqual([one.type, one.infos.error_count, one.errors, one.infos.name], ["source", 0, {}, "TableSource"]);
  const other = await validate({ name: "s", "connector.class": "test.TableSink", topics: "a" });
  assert.deepEqual([other.type, other.infos.error_count], ["sink", 0]);
});

test("validateConnector refuses what names no connector, in Connect's words", async () => {
  await assert.rejects(validate({ name: "c" }), {
    code: "INVALID",
    message: "Connector config contains no connector type",
  });
  await assert.rejects(validate({ name: "c", "connector.class": null }), { code: "INVALID" });
  await assert.rejects(validate({ name: "c", "connector.class": "test.Nothing" }), {
    code: "INVALID",
    message:
      "Failed to find any class that implements Connector and which name matches test.Nothing, available connectors are: PluginDesc{klass=class test.TableSink, name='test.TableSink', version='1', type=sink}, PluginDesc{klass=class test.TableSourceConnector, name='test.TableSourceConnector', version='1', type=source}",
  });
});

const broken: [name: string, config: Record<string, string | null>, key: string, message: RegExp][] = [
  [
    "a missing setting of the plugin",
    { name: "c", "connector.class": "TableSource" },
    "table",
    /Missing required configuration "table"/,
  ],
  ["a wrong setting of the plugin", { ...valid, batch: "many" }, "batch", /batch/],
  ["a wrong common setting", { ...valid, "tasks.max": "0" }, "tasks.max", /at least 1/],
  ["a null value", { ...valid, "tasks.max": null }, "tasks.max", /Null value can not be supplied/],
  [
    "a transform without a type",
    { ...valid, transforms: "t" },
    "transforms.t.type",
    /Missing required configuration "transforms\.t\.type"/,
  ],
  [
    "an unknown transform",
    { ...valid, transforms: "t", "transforms.t.type": "X" },
    "transforms.t.type",
    /Class X could not be found/,
  ],
  [
    "a wrong setting of a transform",
    { ...valid, transforms: "t", "transforms.t.type": "test.Rename" },
    "transforms.t.to",
    /Missing required/,
  ],
  ["an unknown converter", { ...valid, "key.converter": "X" }, "key.converter", /Class X could not be found/],
  ["what the plugin itself finds", { ...valid, table: "missing" }, "table", /^no table for app:/],
  [
    "a setting out of its choices",
    { ...valid, "transaction.boundary": "sometimes" },
    "transaction.boundary",
    /sometimes/,
  ],
];

for (const [name, config, key, message] of broken) {
  test(`validateConnector reports ${name} at its key`, async () => {
    const { errors, infos } = await validate(config);
    assert.match(errors[key]?.[0] ?? `no error at ${key}: ${JSON.stringify(errors)}`, message);
    assert.equal(infos.error_count, Object.values(errors).flat().length);
  });
}

test("validateConnector leaves a null alone where the plugin defines the key, and names the passwords", async () => {
  const { infos, passwords } = await validate({
    ...valid,
    batch: null,
    "producer.override.sasl.jaas.config": "x",
    "producer.override.ssl.keystore.password": "x",
  });
  assert.equal(infos.error_count, 0);
  assert.deepEqual(passwords, ["producer.override.sasl.jaas.config", "producer.override.ssl.keystore.password"]);
});

test("invariant 19: exactly.once.support=required is refused for a worker or a connector that can't", async () => {
  const required = { ...valid, "exactly.once.support": "required" };
  const key = "exactly.once.support";
  const disabled = { "exactly.once.source.support": "disabled" };
  assert.match(
    (await validate({ ...required, batch: "1" }, disabled)).errors[key]?.[0] ?? "",
    /^This worker does not have/,
  );
  assert.match(
    (await validate(required)).errors[key]?.[0] ?? "",
    /^The connector does not support exactly-once semantics/,
  );
  assert.deepEqual((await validate({ ...required, batch: "1" })).errors, {});
});

test("I9: validateConnector shows references, never what they stand for", async () => {
  const config = { ...valid, table: "missing", "db.password": reference };
  const { infos, errors } = await validate(config);
  assert.deepEqual(errors.table, [`no table for app:${reference}`]);
  assert.doesNotMatch(JSON.stringify(infos), /hunter2secret/);
  const shown = infos.configs.find(({ value }) => value?.name === "db.password")?.value;
  assert.equal(shown?.value, reference);
  const wrong = await validate({ ...valid, batch: reference });
  assert.match(
    wrong.errors.batch?.[0] ?? "",
    /the value resolved from the config provider reference failed validation/,
  );
  assert.doesNotMatch(JSON.stringify(wrong.infos), /hunter2secret/);
});

function entry(infos: Awaited<ReturnType<typeof validate>>["infos"], name: string) {
  const found = infos.configs.find(({ value }) => value?.name === name);
  assert.ok(found, `no entry ${name}`);
  return found;
}

test("validateConnector shows the worker's converters as defaults, their versions, and what else there is", async () => {
  const { infos } = await validate(valid, { "key.converter": "JsonConverter" });
  const key = entry(infos, "key.converter");
  assert.equal(key.definition?.default_value, "org.apache.kafka.connect.json.JsonConverter");
  assert.equal(key.value?.value, "org.apache.kafka.connect.json.JsonConverter");
  assert.ok(key.value?.recommended_values.includes("org.apache.kafka.connect.storage.StringConverter"));
  assert.equal(entry(infos, "key.converter.plugin.version").value?.value, "4.3.1");
  assert.deepEqual(entry(infos, "connector.plugin.version").value?.recommended_values, ["1"]);
});

test("validateConnector gives a converter's short name in full, and its settings under its prefix", async () => {
  const { infos, errors } = await validate({
    ...valid,
    "value.converter": "JsonConverter",
    "value.converter.schemas.enable": "maybe",
  });
  assert.equal(entry(infos, "value.converter").value?.value, "org.apache.kafka.connect.json.JsonConverter");
  const message = "Invalid value maybe for configuration schemas.enable: Expected value to be either true or false";
  assert.deepEqual(errors, { "value.converter.schemas.enable": [message] });
  assert.equal(entry(infos, "value.converter.schemas.enable").definition?.name, "value.converter.schemas.enable");
  assert.deepEqual(infos.groups.slice(-2), ["Serialization", "Schemas"]);
});

test("validateConnector refuses a converter that is another kind of plugin", async () => {
  const { errors } = await validate({ ...valid, "key.converter": "test.Rename" });
  assert.deepEqual(errors, { "key.converter": ["Class class test.Rename does not implement the Converter interface"] });
});

test("validateConnector checks no more than the common settings when the version is another", async () => {
  const { infos, errors } = await validate({
    name: "c",
    "connector.class": "TableSource",
    "connector.plugin.version": "9",
  });
  const message =
    "Plugin test.TableSourceConnector not found that matches the version range [9,9], available versions: [1]";
  assert.deepEqual(errors, { "connector.class": [message], "connector.plugin.version": [message] });
  assert.deepEqual(infos.groups, ["Common", "Transforms", "Predicates", "Error Handling"]);
});

test("validateConnector defines a transform's settings in a group of its own", async () => {
  const { infos, errors } = await validate({
    ...valid,
    transforms: "t",
    "transforms.t.type": "Rename",
    "transforms.t.to": "x",
  });
  assert.deepEqual(errors, {});
  assert.equal(infos.groups.at(-1), "Transforms: t");
  assert.equal(entry(infos, "transforms.t.type").value?.value, "test.Rename");
  const keys = ["type", "plugin.version", "to", "negate", "predicate"].map((key) => `transforms.t.${key}`);
  const shown = infos.configs.filter(({ value }) => value?.name.startsWith("transforms."));
  assert.deepEqual(
    shown.map(({ definition }) => [definition?.name, definition?.order_in_group]),
    keys.map((key, index) => [key, index]),
  );
  assert.equal(entry(infos, "transforms.t.to").definition?.display_name, "to");
});

test("validateConnector refuses an alias twice, and a negation of nothing", async () => {
  const step = { "transforms.t.type": "Rename", "transforms.t.to": "x" };
  const twice = await validate({ ...valid, ...step, transforms: "t, t" });
  assert.deepEqual(twice.errors, {
    transforms: ["Invalid value [t, t] for configuration transforms: Duplicate alias provided."],
  });
  const negated = await validate({ ...valid, ...step, transforms: "t", "transforms.t.negate": "true" });
  assert.deepEqual(negated.errors, {
    "transforms.t.type": [
      "Config 'transforms.t.negate' was provided but there is no config 'transforms.t.predicate' defining a predicate to be negated.",
    ],
  });
});

test("validateConnector shows client overrides, and refuses them where the policy does", async () => {
  const config = { ...valid, "producer.override.linger.ms": "5" };
  const { infos } = await validate(config);
  assert.deepEqual(entry(infos, "producer.override.linger.ms").value?.value, "5");
  const refused = await validate(config, { "connector.client.config.override.policy": "None" });
  assert.deepEqual(Object.keys(refused.errors), ["producer.override.linger.ms"]);
});

test("I9: a validation that fails shows no secret", async () => {
  const broken: Plugin = {
    ...source,
    class: "test.Broken",
    validate: (config) => {
      throw new Error(`no login as app:${config["db.password"]}`, { cause: new Error(config["db.password"]) });
    },
  } as Plugin;
  const { env } = openHostFixture({ plugins: [broken], secrets });
  const config = { ...valid, "connector.class": "test.Broken", "db.password": reference };
  await assert.rejects(validateConnector(env, config), (error: Error) => {
    assert.equal(error.message, `no login as app:${reference}`);
    assert.equal(error.cause, undefined);
    return true;
  });
});

test("validateConnector hides the passwords of a client", async () => {
  const { infos } = await validate({
    ...valid,
    "producer.override.ssl.key.password": "hunter2secret",
    "consumer.sasl.jaas.config": "hunter2secret",
  });
  assert.equal(entry(infos, "producer.override.ssl.key.password").value?.value, "[hidden]");
  assert.doesNotMatch(JSON.stringify(infos), /hunter2secret/);
});

test("validateConnector points at client settings without `override`, and lets them pass", async () => {
  const { env, logs } = openHostFixture({ plugins: [source, sink], secrets });
  const config = { ...valid, "producer.linger.ms": "5", "consumer.max.poll.records": reference, "admin.retries": "1" };
  const { infos } = await validateConnector(env, { ...config, "producer.override.acks": "all", producer: "x" });
  assert.equal(infos.error_count, 0);
  const shown = infos.configs.filter(({ value }) => /^(producer|consumer|admin)\b/.test(value?.name ?? ""));
  const expected = (name: string, value: string, recommended_values: string[]) => {
    return { definition: null, value: { name, value, recommended_values, errors: [], visible: true } };
  };
  assert.deepEqual(shown, [
    expected("producer.override.acks", "all", []),
    expected("producer.linger.ms", "5", ["producer.override.linger.ms"]),
    expected("consumer.max.poll.records", reference, ["consumer.override.max.poll.records"]),
    expected("admin.retries", "1", ["admin.override.retries"]),
  ]);
  assert.deepEqual(
    logs.map(({ level, message, fields }) => `${level} ${fields.connector} ${message}`),
    ["producer.linger.ms", "consumer.max.poll.records", "admin.retries"].map((name) => {
      const meant = name.replace(".", ".override.");
      return `warn c No client of a connector gets its setting '${name}': write '${meant}' to change what the worker gives to the connector's client`;
    }),
  );
});

test("validateConnector leaves a setting alone that the connector defines itself", async () => {
  const mirror: Plugin = {
    ...sink,
    class: "test.Mirror",
    config: new ConfigDef().define({
      name: "producer.linger.ms",
      type: "INT",
      default: 0,
      importance: "LOW",
      documentation: "Its own.",
    }),
  } as Plugin;
  const { env, logs } = openHostFixture({ plugins: [mirror] });
  const config = { name: "m", "connector.class": "test.Mirror", topics: "t", "producer.linger.ms": "5" };
  const { infos } = await validateConnector(env, config);
  assert.deepEqual([entry(infos, "producer.linger.ms").value?.recommended_values, logs], [[], []]);
});

test("validateConnector fails as Connect does when a config provider does", async () => {
  const given = { ...valid, "db.password": "$" + "{file:/nowhere/at/all:password}" };
  const worker = {
    "config.providers": "file",
    "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
  };
  await assert.rejects(validate(given, worker), {
    code: "INTERNAL",
    message: "org.apache.kafka.common.config.ConfigException: Could not read properties from file /nowhere/at/all",
  });
});

test("validateConnector fails as Connect does at an override that no client could read", async () => {
  await assert.rejects(validate({ ...valid, "producer.override.linger.ms": "x" }), {
    code: "INTERNAL",
    message:
      "org.apache.kafka.common.config.ConfigException: Invalid value x for configuration linger.ms: Not a number of type LONG",
  });
  const hidden = validate({ ...valid, "producer.override.linger.ms": reference });
  await assert.rejects(hidden, (error: Error) => !error.message.includes("hunter2secret"));
});
