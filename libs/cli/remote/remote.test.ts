import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { completionsFor } from "./completion.ts";
import { connectorsIn } from "./connector-documents.ts";
import { cut, formatOf, table, widthOf } from "./output.ts";
import { planOf, shownValue } from "./plan.ts";
import { topScreen } from "./top-screen.ts";

const parseYaml = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as unknown);
const read = (file: string, text: string) =>
  connectorsIn(file, text, parseYaml).map(({ name, config, state, keepsState }) => ({
    name,
    config,
    state,
    keepsState,
  }));
const plain = { state: null, keepsState: false };

test("connectors are read from properties, JSON and YAML, one or a list, flat or with a name beside", () => {
  const config = { name: "c", "connector.class": "X", "tasks.max": "2" };
  const wanted = [{ name: "c", config, ...plain }];
  assert.deepEqual(read("c.properties", "name=c\nconnector.class=X\ntasks.max=2\n"), wanted);
  assert.deepEqual(read("c.json", '{"name":"c","config":{"connector.class":"X","tasks.max":2}}')[0]?.config, {
    "connector.class": "X",
    "tasks.max": "2",
    name: "c",
  });
  assert.deepEqual(read("c.yaml", "name: c\nconnector.class: X\ntasks.max: 2\n"), wanted);
  assert.deepEqual(
    read(
      "c.yml",
      "- {name: a, connector.class: X}\n---\n{name: b, config: {connector.class: X}, initial_state: stopped}\n",
    ).map(({ name, state }) => [name, state]),
    [
      ["a", null],
      ["b", "STOPPED"],
    ],
  );
});

test("Strimzi's KafkaConnector is a connector that keeps its state; other kinds are passed over", () => {
  const text = `
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaConnect
metadata: {name: cluster}
---
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaConnector
metadata: {name: file-source}
spec: {class: org.X, tasksMax: 1, state: paused, config: {file: /in.txt}}
`;
  assert.deepEqual(read("strimzi.yaml", text), [
    {
      name: "file-source",
      config: { "connector.class": "org.X", "tasks.max": "1", file: "/in.txt", name: "file-source" },
      state: "PAUSED",
      keepsState: true,
    },
  ]);
});

test("a file that holds no connector says which and why", () => {
  assert.throws(() => read("c.json", "[1]"), { message: "c.json: expected a connector, found 1" });
  assert.throws(() => read("c.yaml", "connector.class: X"), { message: /c\.yaml cannot be used: .*"name"/ });
});

const desired = (config: Record<string, string>) => ({
  name: "c",
  config,
  state: null,
  keepsState: false,
  file: "c.json",
});

test("planOf tells what is created, updated and unchanged, and what it cannot know", () => {
  assert.equal(planOf(desired({ a: "1" }), null).action, "create");
  const current = { config: { a: "1", b: "2", pw: "[hidden]" }, state: "RUNNING" };
  const same = planOf(desired({ a: "1", b: "2", pw: "secret" }), current);
  assert.deepEqual([same.action, same.hidden, same.changes], ["none", ["pw"], []]);
  const plan = planOf(desired({ a: "2", c: "3", pw: "secret" }), current);
  assert.deepEqual(plan.changes, [
    { key: "a", before: "1", after: "2" },
    { key: "b", before: "2", after: null },
    { key: "c", before: null, after: "3" },
  ]);
});

test("planOf brings a connector to its state only where the file is to keep it", () => {
  const current = { config: { a: "1" }, state: "RUNNING" };
  const stopped = { ...desired({ a: "1" }), state: "STOPPED" as const };
  assert.equal(planOf(stopped, current).state, null);
  assert.equal(planOf({ ...stopped, keepsState: true }, current).state, "STOPPED");
});

test("values of settings that look secret are not printed", () => {
  assert.equal(shownValue("connection.password", "hunter2"), "(not shown)");
  assert.equal(shownValue("sasl.jaas.config", "x"), "(not shown)");
  assert.equal(shownValue("connection.password", "$" + "{file:/x:y}"), '"$' + '{file:/x:y}"');
  assert.equal(shownValue("key.converter", "X"), '"X"');
});

test("table pads columns, also with wide signs, and leaves wide columns out", () => {
  const columns = [
    { title: "NAME", of: ({ name }: { name: string }) => name },
    { title: "N", of: () => 1 },
    { title: "MORE", of: () => "m", wide: true as const },
  ];
  assert.equal(table([{ name: "数据" }, { name: "ab" }], columns), "NAME   N\n数据   1\nab     1\n");
  assert.equal(table([{ name: "a" }], columns, true), "NAME   N   MORE\na      1   m\n");
  assert.throws(() => formatOf({ output: "xml" }), { message: "--output xml: use table, wide, json, yaml" });
});

test("cut shortens by width, not by letters", () => {
  assert.equal(cut("abc", 3), "abc");
  assert.equal(cut("abcd", 3), "ab…");
  assert.equal(cut("数据库", 5), "数据…");
});

test("topScreen fits its terminal: names are shortened, then columns left out, then connectors", () => {
  const flow = (name: string, recordsPerSecond: number) => ({
    ...{ name, type: "source", state: "RUNNING", tasks: [{ state: "RUNNING" }], recordsPerSecond, bytesPerSecond: 1e6 },
    ...{ lag: { seconds: 1.5, bytes: 2e9, records: null }, errors: { errors: 0, deadLetters: 0 } },
    commits: { averageMs: 12 },
  });
  const connectors = Array.from({ length: 30 }, (_, at) =>
    flow(`connector-with-a-long-name-${at}-${"x".repeat(60)}`, at),
  );
  const view = { at: "2026-11-21T10:11:12.000Z", missingRunners: 1, runners: [{}], connectors };
  const shown = (columns: number, rows: number) => topScreen(view, { columns, rows }).trimEnd().split("\n");
  for (const [columns, rows] of [
    [40, 10],
    [80, 24],
    [120, 24],
    [500, 100],
  ] as const) {
    const lines = shown(columns, rows);
    assert.ok(lines.length <= rows, `${lines.length} lines`);
    for (const line of lines) assert.ok(widthOf(line) <= columns, line);
  }
  const narrow = shown(80, 24);
  assert.equal(narrow[0], "10:11:12  30 connectors, 30 running, 0 failed   435 records/s   1 runners");
  assert.match(narrow[3]!, /^CONNECTOR +STATE/);
  assert.match(narrow[4]!, /^connector-with-a-lo.*… +RUNNING +.*29 /);
  assert.equal(narrow.at(-1), `… and ${30 - (24 - 2 - 3)} more`);
  const wide = shown(500, 100);
  assert.match(wide[3]!, /TYPE +STATE +TASKS +RECORDS\/S +BYTES\/S +LAG +COMMIT +ERRORS +DEAD$/);
  assert.equal(wide.length, 34);
});

test("completionsFor offers commands, options, verbs, names and files", () => {
  const commands = {
    get: { options: { output: { value: true, short: "o", help: "" } }, connectors: true },
    dlq: { options: {}, words: ["list", "show"], connectors: true },
    apply: { options: { filename: { value: true, short: "f", help: "" } } },
  };
  const words = (...typed: string[]) => completionsFor(typed, commands);
  assert.deepEqual(words("g").words, ["get"]);
  assert.deepEqual(words("").words, ["get", "dlq", "apply"]);
  assert.deepEqual(words("get", "").connectors, true);
  assert.deepEqual(words("get", "--").words, ["--output"]);
  assert.deepEqual(words("get", "-o", "j").words, ["json"]);
  assert.deepEqual(words("dlq", "s"), { words: ["show"], connectors: false, files: false });
  assert.equal(words("dlq", "show", "").connectors, true);
  assert.equal(words("apply", "-f", "x").files, true);
  assert.deepEqual(words("nothing", "x"), { words: [], connectors: false, files: false });
});
