// Drives npm's kafka-connect-client:  node driver.mjs BASE NAME FILE TOPIC
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { KafkaConnectClient } from "kafka-connect-client";

// The client leaves it to axios to say what an empty body is. Axios says a form, which Connect refuses with 415.
const axios = createRequire(import.meta.url)("axios");
for (const method of ["put", "post"]) axios.defaults.headers[method]["Content-Type"] = "application/json";

const [base, name, file, topic] = process.argv.slice(2);
const source = "org.apache.kafka.connect.file.FileStreamSourceConnector";
const config = { name, "connector.class": source, file, topic, "tasks.max": "1" };
const { hostname, port } = new URL(base);
const client = new KafkaConnectClient({ host: hostname, port });
const connector = client.connector(name);

const step = (what, ...found) => console.log(`${what}:`, ...found);
const refused = (call) =>
  call.then(
    () => "taken",
    ({ response }) => `${response.status} ${response.data.message}`,
  );
const listed = async () => ((await client.getConnectors()).data.includes(name) ? "listed" : "not listed");
const states = () =>
  connector.getStatus().then(
    ({ data }) => [data.connector, ...data.tasks].map(({ state }) => state).join(" "),
    ({ response }) => String(response.status),
  );
const positions = async () =>
  (await connector.getOffsets()).data.offsets.map(({ offset }) => offset.position).join(" ");

async function until(wanted, look) {
  for (const ends = performance.now() + 30_000; ; await sleep(50)) {
    const found = await look();
    if (found === wanted || performance.now() > ends) return found;
  }
}

step("cluster", (await client.getCluster()).data.version);
const plugins = (await client.getConnectorPlugins({ connectorsOnly: true })).data;
step("plugin", plugins.find((plugin) => plugin.class === source).type);
step("validate", (await client.validateConnectorConfig(source, config)).data.error_count);
const { topic: left, ...incomplete } = config;
step("validate incomplete", (await client.validateConnectorConfig(source, incomplete)).data.error_count);
const created = (await client.createConnector(name, config)).data;
step("create", created.name, created.type, created.config.topic);
step("create again", await refused(client.createConnector(name, config)));
step("list", await listed());
step("status", await until("RUNNING RUNNING", states));
step("expand status", (await client.getConnectors({ expand: "status" })).data[name].status.connector.state);
step("expand info", (await client.getConnectors({ expand: "info" })).data[name].info.config.topic);
const got = (await connector.get()).data;
step("get", got.name, got.type, ...got.tasks.map(({ task }) => task));
step("config", (await connector.getConfig()).data.topic);
step("tasks", ...(await connector.getTasks()).data.map((task) => `${task.id.task} ${task.config.topic}`));
step("task status", (await connector.getTaskStatus(0)).data.state);
step("update", (await connector.updateConfig({ ...config, "batch.size": "500" })).data.config["batch.size"]);
await connector.pause();
step("pause", await until("PAUSED PAUSED", states));
await connector.resume();
step("resume", await until("RUNNING RUNNING", states));
await connector.restart();
step("restart", await until("RUNNING RUNNING", states));
await connector.restartTask(0);
step("restart task", await until("RUNNING RUNNING", states));
step("offsets", await until("8", positions));
await connector.stop();
step("stop", await until("STOPPED", states));
step(
  "alter offsets",
  (await connector.alterOffsets([{ partition: { filename: file }, offset: { position: 4 } }])).status,
);
step("offsets altered", await positions());
await connector.resetOffsets();
step("offsets reset", await positions());
await connector.delete();
step("delete", await until("not listed", listed));
step("get deleted", await refused(connector.get()));
