import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, type LogOptions } from "./log.ts";
import { LogLevels } from "./log-levels.ts";
import { logLine } from "./log-line.ts";

function logged(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  return { lines, logger: createLogger({ name: "runner", destination, ...options }) };
}

test("createLogger writes JSON lines with level, time, name, fields and message", () => {
  const { lines, logger } = logged();
  logger.info("started", { tasks: 3 });
  logger.debug("not shown");
  const { time, ...entry } = JSON.parse(lines.join(""));
  assert.match(time, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual(entry, { level: "info", name: "runner", tasks: 3, msg: "started" });
});

test("createLogger hides values of secret keys at any depth, and URL credentials anywhere", () => {
  const { lines, logger } = logged();
  const child = logger.child({ connector: "c", "api.token": "hunter2" });
  child.warn("cannot reach postgres://joe:hunter2@db/x", {
    "sasl.jaas.config": "hunter2",
    config: { "db.Password": "hunter2", user: "joe", nested: [{ clientSecret: "hunter2" }] },
    url: "nats://hunter2@host",
    error: new Error("no postgres://joe:hunter2@db", { cause: Object.assign(new Error("x"), { password: "hunter2" }) }),
  });
  assert.doesNotMatch(lines.join(""), /hunter2/);
  assert.match(lines.join(""), /postgres:\/\/\[hidden\]@db\/x/);
  assert.match(lines.join(""), /"user":"joe"/);
});

test("createLogger gives a child's fields to each of its entries, and survives what JSON cannot hold", () => {
  const { lines, logger } = logged({ level: "debug" });
  const circular: Record<string, unknown> = { lsn: 10n, bytes: new Uint8Array(3) };
  circular.self = circular;
  logger.child({ connector: "orders" }).child({ task: 0, generation: 4 }).debug("x", circular);
  const entry = JSON.parse(lines[0] ?? "");
  assert.deepEqual([entry.connector, entry.task, entry.generation, entry.lsn], ["orders", 0, 4, "10"]);
  assert.equal(entry.bytes, "[3 bytes]");
});

test("createLogger writes a line for people when pretty", () => {
  const { lines, logger } = logged({ pretty: true });
  const error = new Error("outer", { cause: new Error("inner") });
  logger.child({ connector: "orders", task: 0, generation: 4 }).error("failed", { error, topic: "a b", n: 1 });
  const [head = "", ...stack] = lines.join("").split("\n");
  assert.match(head, /^\d\d:\d\d:\d\d\.\d{3} ERROR runner \[orders-0 g4\] failed error="outer" topic="a b" n=1$/);
  assert.match(stack.join("\n"), /^ {4}Error: outer\n {8}at [\s\S]*\n {4}Caused by: Error: inner\n/);
});

test("levels set later count at once, by the nearest name of a logger", () => {
  const levels = new LogLevels("info");
  const { lines, logger } = logged({ levels });
  const task = logger.child({ connector: "orders" }, "com.example.Orders");
  task.debug("too early");
  levels.set("com.example", "debug", 1);
  task.child({ task: 0 }).debug("shown");
  logger.debug("another logger's");
  assert.deepEqual(
    lines.map((line) => [JSON.parse(line).msg, JSON.parse(line).logger]),
    [["shown", "com.example.Orders"]],
  );
});

test("createLogger refuses an unknown level", () => {
  assert.throws(() => createLogger({ name: "x", level: "loud" }), /loud/);
});

test("logLine leaves what is not a log entry as it is", () => {
  assert.equal(logLine("plain text\n", false), "plain text\n");
});

test("a tee gets every line that is written, as JSON, secrets hidden in it as in the log", () => {
  const written: string[] = [];
  const teed: string[] = [];
  const logger = createLogger({
    name: "task-host",
    level: "info",
    pretty: true,
    destination: { write: (line) => written.push(line) },
    tee: (line) => teed.push(line),
  }).child({ connector: "c", task: 0 });
  logger.debug("not said");
  logger.info("connected to postgres://me:hunter2@db/x", { password: "hunter2", rows: 3 });
  assert.equal(written.length, 1);
  const [line] = teed.map((text) => JSON.parse(text));
  assert.deepEqual([line.connector, line.task, line.level, line.rows], ["c", 0, "info", 3]);
  assert.doesNotMatch(written[0]! + teed[0]!, /hunter2/);
});
