import assert from "node:assert/strict";
import { test } from "node:test";
import { LogLevels, parseLogLevel } from "./log-levels.ts";

test("a logger says as much as the nearest name above it that has a level", () => {
  const levels = new LogLevels("info");
  levels.set("com.example", "warn", 1);
  levels.set("com.example.deep", "trace", 2);
  const debugs = ["other", "com.example", "com.example.x", "com.examples", "com.example.deep.er"].map((logger) => [
    logger,
    levels.isEnabled(logger, "info"),
    levels.isEnabled(logger, "debug"),
  ]);
  assert.deepEqual(debugs, [
    ["other", true, false],
    ["com.example", false, false],
    ["com.example.x", false, false],
    ["com.examples", true, false],
    ["com.example.deep.er", true, true],
  ]);
});

test("set tells which names changed: itself, and longer ones with levels of their own", () => {
  const levels = new LogLevels("info");
  assert.deepEqual(levels.set("a", "debug", 1), ["a"]);
  assert.deepEqual(levels.set("a", "debug", 2), []);
  assert.deepEqual(levels.set("a.b", "trace", 3), ["a.b"]);
  assert.deepEqual(levels.set("ab", "trace", 3), ["ab"]);
  assert.deepEqual(levels.set("a", "warn", 4), ["a", "a.b"]);
  assert.deepEqual(levels.get("a.b"), { logger: "a.b", level: "warn", modifiedMs: 4 });
  assert.deepEqual(levels.set("ROOT", "warn", 5), ["ab", "root"]);
  assert.deepEqual(
    levels.list().map(({ logger, level }) => [logger, level]),
    [
      ["a", "warn"],
      ["a.b", "warn"],
      ["ab", "warn"],
      ["root", "warn"],
    ],
  );
});

test("off says nothing, and listeners hear of changes until they stop", () => {
  const levels = new LogLevels("off");
  assert.equal(levels.isEnabled("x", "error"), false);
  let heard = 0;
  const stop = levels.onChange(() => heard++);
  levels.set("x", "error", 1);
  levels.set("x", "error", 1);
  levels.replace(new LogLevels("warn").list());
  stop();
  levels.set("x", "info", 1);
  assert.equal(heard, 2);
  assert.equal(levels.isEnabled("y", "warn"), true);
});

test("levels are log4j's, in any case", () => {
  assert.deepEqual(["DEBUG", "info", "ALL", "Off", "FATAL", "LOUD", ""].map(parseLogLevel), [
    "debug",
    "info",
    "trace",
    "off",
    "fatal",
    null,
    null,
  ]);
});
