import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, type SinkPlugin, type SourcePlugin } from "@millrace/connect";
import { Secrets } from "@millrace/service";
import { completeTaskConfigs } from "./task-configs.ts";

const base = { version: "1", overview: "", config: new ConfigDef(), create: () => ({}) as never };
const source: SourcePlugin = { ...base, type: "source", class: "test.ScriptedSourceConnector" };
const sink: SinkPlugin = { ...base, type: "sink", class: "test.ScriptedSink" };
const none = { raw: {}, resolved: {}, secrets: Secrets.none };

test("completeTaskConfigs adds the task's class", () => {
  assert.deepEqual(completeTaskConfigs([{ a: "1" }, {}], none, source), [
    { a: "1", "task.class": "test.ScriptedSourceTask" },
    { "task.class": "test.ScriptedSourceTask" },
  ]);
});

test("completeTaskConfigs adds a sink's topics as they were written", () => {
  const raw = { topics: "a, b" };
  assert.deepEqual(completeTaskConfigs([{}], { ...none, raw, resolved: raw }, sink), [
    { "task.class": "test.ScriptedSink", topics: "a, b" },
  ]);
});

test("I9: completeTaskConfigs stores references, not what they stand for, wherever the connector put it", () => {
  const raw = {
    password: "${secrets:db:password}",
    url: "jdbc:postgresql://db/?user=app&password=${secrets:db:password}",
    pin: "${secrets:db:pin}",
    table: "orders",
  };
  const resolved = {
    password: "hunter2secret",
    url: "jdbc:postgresql://db/?user=app&password=hunter2secret",
    pin: "7",
    table: "orders",
  };
  const secrets = new Secrets(
    new Map([
      ["${secrets:db:password}", "hunter2secret"],
      ["${secrets:db:pin}", "7"],
    ]),
  );
  const made = [{ ...resolved, dsn: "app:hunter2secret@db", table: "orders7" }];
  const [stored] = completeTaskConfigs(made, { raw, resolved, secrets }, source);
  assert.deepEqual(stored, {
    ...raw,
    dsn: "app:${secrets:db:password}@db",
    table: "orders7",
    "task.class": "test.ScriptedSourceTask",
  });
});

test("completeTaskConfigs keeps a value that the connector changed under a key of its own", () => {
  const [stored] = completeTaskConfigs(
    [{ table: "orders_0" }],
    { ...none, raw: { table: "orders" }, resolved: { table: "orders" } },
    source,
  );
  assert.equal(stored?.table, "orders_0");
});
