import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { METRICS, metricNames } from "@millrace/metrics";
import postgres from "postgres";
import { checkoutDir } from "../../../deploy/dev/setup/places.mjs";
import { type Prometheus, prometheusCommand, startPrometheus } from "../../../deploy/dev/start-prometheus.ts";
import { until } from "../../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "../standalone-fixture.ts";
import { KNOWN_DASHBOARDS } from "./known-dashboards.ts";

const bootstrapServers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
const fixture = new StandaloneFixture("prometheus");
const database = new URL(sharedServer("DATABASE_URL"));
const admin = postgres(database.href, { max: 1, onnotice: () => {} });
const STRING = "org.apache.kafka.connect.storage.StringConverter";
const JSON_CONVERTER = "org.apache.kafka.connect.json.JsonConverter";
let prometheus: Prometheus | null = null;
let address = "";

interface Series {
  readonly metric: Readonly<Record<string, string>>;
}

before(startEverything);
after(async () => {
  await prometheus?.stop();
  await fixture.close();
  await until("the slot is free", async () => {
    const slots = await admin`select slot_name, active from pg_replication_slots where slot_name = ${fixture.run}`;
    if (slots[0]?.active === false) await admin`select pg_drop_replication_slot(${fixture.run})`;
    return slots.length === 0;
  });
  await admin.unsafe(`drop database if exists ${fixture.run} with (force)`);
  await admin.end();
});

/** A database's changes, a source with a transform, a sink that skips a broken record, and one that fails: so that everything has been measured. */
async function startEverything(): Promise<void> {
  await admin.unsafe(`create database ${fixture.run}`);
  const sql = postgres(new URL(`/${fixture.run}`, database).href, { max: 1, onnotice: () => {} });
  await sql`create table orders (id int primary key)`;
  await sql`insert into orders select generate_series(1, 10)`;
  await sql.end();
  const input = fixture.write("in.txt", '{"n":1}\n{"n":2}\n{"n":\n');
  const topic = `${fixture.run}-lines`;
  const { rest } = await fixture.start({
    properties: {
      "bootstrap.servers": bootstrapServers,
      "key.converter": STRING,
      "value.converter": STRING,
      "offset.flush.interval.ms": "200",
      "offset.storage.topic": `${fixture.run}-offsets`,
      "offset.storage.replication.factor": "1",
      "millrace.auto.restart": "false",
      "task.shutdown.graceful.timeout.ms": "2000",
    },
  });
  address = new URL(rest.url).host;
  const sink = {
    ...{ "connector.class": "FileStreamSink", topics: topic, file: join(fixture.dir, "out.txt") },
    ...{ "value.converter": JSON_CONVERTER, "value.converter.schemas.enable": "false" },
  };
  const tolerant = {
    ...{ "errors.tolerance": "all", "errors.log.enable": "true" },
    "errors.deadletterqueue.topic.name": `${fixture.run}-dlq`,
    "errors.deadletterqueue.topic.replication.factor": "1",
  };
  const source = { "connector.class": "FileStreamSource", file: input, topic };
  const only = {
    predicates: "any",
    "predicates.any.type": "org.apache.kafka.connect.transforms.predicates.HasHeaderKey",
    "predicates.any.name": "absent",
  };
  const filter = {
    transforms: "drop",
    "transforms.drop.type": "org.apache.kafka.connect.transforms.Filter",
    "transforms.drop.predicate": "any",
  };
  const capture = {
    ...{ "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "plugin.name": "pgoutput" },
    ...{ "database.hostname": database.hostname, "database.port": database.port || "5432" },
    ...{ "database.user": database.username, "database.password": database.password, "database.dbname": fixture.run },
    ...{ "topic.prefix": fixture.run, "slot.name": fixture.run, "value.converter": JSON_CONVERTER },
    ...{ "key.converter": JSON_CONVERTER, "millrace.slot.watch.interval.ms": "500" },
  };
  const connectors = {
    capture,
    source: { ...source, ...only, ...filter },
    sink: { ...sink, ...tolerant },
    failing: sink,
  };
  for (const [name, config] of Object.entries(connectors)) {
    assert.equal((await rest.insist("PUT", `/connectors/${name}/config`, config)).status, 201);
  }
  await until("three run and one fails", async () => {
    const running =
      (await rest.isIn("RUNNING", "capture", 1)) &&
      (await rest.isIn("RUNNING", "source", 1)) &&
      (await rest.isIn("RUNNING", "sink", 1));
    return running && (await rest.status("failing"))?.tasks[0]?.state === "FAILED";
  });
  const config = readFileSync(join(checkoutDir, "deploy/prometheus/prometheus.yml"), "utf8");
  const ours = config.replace("localhost:8083", address).replace("scrape_interval: 15s", "scrape_interval: 1s");
  fixture.write("alerts.yml", readFileSync(join(checkoutDir, "deploy/prometheus/alerts.yml"), "utf8"));
  prometheus = await startPrometheus({
    dir: join(fixture.dir, "prometheus"),
    configFile: fixture.write("prometheus.yml", ours),
  });
  appendFileSync(input, '{"n":3}\n');
  await until(
    "the slot was looked at",
    async () => (await query("millrace_connector_retained_wal_bytes >= 0")).length > 0,
  );
  await until("a few scrapes are in", async () => Number((await query("count_over_time(up[1m])"))[0]?.value) >= 4);
}

async function query(expression: string): Promise<(Series & { readonly value: string })[]> {
  const response = await fetch(`${prometheus!.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { status, error, data } = (await response.json()) as {
    status: string;
    error?: string;
    data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  assert.equal(status, "success", `${expression}: ${error}`);
  return data!.result.map(({ metric, value }) => ({ metric, value: value[1] }));
}

/** The names in it that nothing has, and the labels that no series of theirs has. */
async function unresolved(expression: string): Promise<string[]> {
  const text = expression
    .replaceAll("$__rate_interval", "1m")
    .replace(/\$(connector|task)\b/g, ".*")
    .replace(/"\$\{?\w+\}?"/g, '".*"');
  await query(text);
  const missing: string[] = [];
  for (const [, name, matchers] of text.matchAll(/\b([a-z_]+_[a-zA-Z_]+|up)\b(?!\s*\()(?:\{([^}]*)\})?/g)) {
    if (/^(count_over_time|label_values|on|by)$/.test(name!) || isLabel(text, name!)) continue;
    const series = await query(`count(${name})`);
    if (series.length === 0) missing.push(`${expression}: nothing is called ${name}`);
    for (const [, label] of (matchers ?? "").matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
      const having = await query(`count(${name}{${label}!=""})`);
      if (having.length === 0) missing.push(`${expression}: no series of ${name} has the label ${label}`);
    }
  }
  return missing;
}

/** In `by (…)` and `on (…)`. */
function isLabel(text: string, name: string): boolean {
  return new RegExp(`\\b(by|on|without|ignoring)\\s*\\([^)]*\\b${name}\\b[^)]*\\)`).test(text);
}

function read(path: string): string {
  return readFileSync(join(checkoutDir, path), "utf8");
}

test("Prometheus reads the cluster's metrics as OpenMetrics, without a complaint", async () => {
  const [target] = await query(`up{job="millrace"}`);
  assert.equal(target?.value, "1");
  const response = await fetch(`${prometheus!.url}/api/v1/targets`);
  const { data } = (await response.json()) as { data: { activeTargets: { lastError: string; health: string }[] } };
  assert.deepEqual(
    data.activeTargets.map(({ lastError, health }) => [health, lastError]),
    [["up", ""]],
  );
  const log = readFileSync(join(fixture.dir, "prometheus/prometheus.log"), "utf8");
  assert.doesNotMatch(log, /level=(warn|error)/);
});

test("promtool takes the text format, and only names of Connect's and Debezium's own are not as it wants them", async () => {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  let complaints = "";
  try {
    execFileSync(prometheusCommand("promtool"), ["check", "metrics"], { input: text, stdio: "pipe" });
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer };
    complaints = stderr.toString();
    assert.equal(status, 3, complaints);
  }
  const about = complaints
    .split("\n")
    .filter((line) => line !== "" && !/^(kafka_connect|debezium_metrics)_/.test(line));
  assert.deepEqual(about, []);
});

test("promtool takes the configuration and the rules", () => {
  for (const [what, path] of [
    ["config", "prometheus.yml"],
    ["rules", "alerts.yml"],
  ]) {
    execFileSync(prometheusCommand("promtool"), ["check", what!, join(checkoutDir, "deploy/prometheus", path!)], {
      stdio: "pipe",
    });
  }
});

test("every metric of Connect is there, under both of its names", async () => {
  const missing: string[] = [];
  for (const [group, attributes] of Object.entries(METRICS)) {
    for (const [attribute, [kind]] of Object.entries(attributes)) {
      // A scheduler's own are on its own page.
      if (group === "millrace-scheduler-metrics") continue;
      for (const { name } of metricNames(group, attribute, kind === "text", "both")) {
        if ((await query(`count(${name})`)).length === 0) missing.push(name);
      }
    }
  }
  assert.deepEqual(missing, []);
});

test("every expression of our dashboards and rules finds what it asks for", async () => {
  const dashboards = readdirSync(join(checkoutDir, "deploy/grafana")).filter((name) => name.endsWith(".json"));
  const expressions = dashboards.flatMap((name) => {
    const text = read(`deploy/grafana/${name}`);
    return [...text.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, json]) => JSON.parse(json!) as string);
  });
  const response = await fetch(`${prometheus!.url}/api/v1/rules`);
  const { data } = (await response.json()) as { data: { groups: { rules: { query: string; health: string }[] }[] } };
  const rules = data.groups.flatMap((group) => group.rules);
  assert.ok(dashboards.length >= 2 && expressions.length > 50 && rules.length > 15);
  const missing: string[] = [];
  for (const expression of [...expressions, ...rules.map((rule) => rule.query)]) {
    missing.push(...(await unresolved(expression)));
  }
  assert.deepEqual(missing, []);
});

test("what well-known dashboards ask for is found", async () => {
  const missing: string[] = [];
  for (const expression of Object.values(KNOWN_DASHBOARDS).flat()) missing.push(...(await unresolved(expression)));
  assert.deepEqual(missing, []);
  const nobodys = await unresolved('rate(kafka_connect_nothing_total[1m]) + up{nobody="x"}');
  assert.deepEqual([nobodys.length, nobodys[1]?.endsWith("label nobody")], [2, true]);
  const failed = await query('sum(kafka_connect_connector_task_status{status="failed"})');
  assert.equal(failed[0]?.value, "1");
  const letters = await query('kafka_connect_task_error_deadletterqueue_produce_requests{connector="sink"}');
  assert.equal(letters[0]?.value, "1");
});

test("a failed task raises its alert", async () => {
  await until("it is pending or firing", async () => {
    const response = await fetch(`${prometheus!.url}/api/v1/alerts`);
    const { data } = (await response.json()) as { data: { alerts: { labels: Record<string, string> }[] } };
    return data.alerts.some(
      ({ labels }) => labels.alertname === "ConnectorTaskFailed" && labels.connector === "failing",
    );
  });
});
