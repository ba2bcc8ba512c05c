import assert from "node:assert/strict";
import { test } from "node:test";
import { exactlyOnceSupport, incrementingColumnFor, jdbcSourceSettings, settingsProblems } from "./settings.ts";

const config = {
  "connection.url": "jdbc:postgresql://h/d",
  mode: "incrementing",
  "topic.prefix": "p-",
  "table.whitelist": "a, b",
};
const problemsOf = (more: Record<string, string>) => settingsProblems({ ...config, ...more }).map(({ name }) => name);

test("jdbcSourceSettings fills in Confluent's defaults", () => {
  const settings = jdbcSourceSettings(config);
  assert.deepEqual(
    [
      settings.batchMaxRows,
      settings.pollIntervalMs,
      settings.connectAttempts,
      settings.numericMapping,
      settings.timeZone,
    ],
    [1000, 5000, 3, "none", "UTC"],
  );
  assert.deepEqual(settings.tableFilter.whitelist, ["a", "b"]);
  assert.equal(settings.inFlightGuard, true);
});

test("jdbcSourceSettings takes the old numeric.precision.mapping", () => {
  assert.equal(jdbcSourceSettings({ ...config, "numeric.precision.mapping": "true" }).numericMapping, "precision_only");
});

test("settingsProblems names what is missing, exclusive or not supported yet", () => {
  assert.deepEqual(problemsOf({}), []);
  assert.deepEqual(problemsOf({ "connection.url": "", mode: "" }), ["connection.url", "mode"]);
  assert.deepEqual(problemsOf({ "table.blacklist": "c" }), ["table.whitelist", "table.blacklist"]);
  assert.deepEqual(problemsOf({ query: "select 1" }), ["query"]);
  assert.match(settingsProblems({ ...config, mode: "timestamp" })[0]!.message, /supported: bulk, incrementing/);
});

test("incrementingColumnFor prefers the mapping over the name", () => {
  const settings = jdbcSourceSettings({
    ...config,
    "incrementing.column.name": "id",
    "incrementing.column.mapping": "public\\.b.*:seq",
  });
  assert.equal(incrementingColumnFor({ catalog: "d", schema: "public", name: "b1" }, settings), "seq");
  assert.equal(incrementingColumnFor({ catalog: "d", schema: "public", name: "a" }, settings), "id");
});

test("exactlyOnceSupport holds for mode incrementing with its guard, and for nothing else", () => {
  const support = (more: Record<string, string>) => exactlyOnceSupport({ ...config, ...more });
  assert.equal(support({}), "SUPPORTED");
  assert.equal(support({ "millrace.in.flight.guard": "False" }), "UNSUPPORTED");
  assert.equal(support({ mode: "bulk" }), "UNSUPPORTED");
  assert.equal(exactlyOnceSupport({}), "UNSUPPORTED");
});
