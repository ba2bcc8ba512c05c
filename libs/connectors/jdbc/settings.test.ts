import assert from "node:assert/strict";
import { test } from "node:test";
import { incrementingColumnFor, jdbcSourceSettings, timestampColumnsFor } from "./settings.ts";

const config = {
  "connection.url": "jdbc:postgresql://h/d",
  mode: "incrementing",
  "topic.prefix": "p-",
  "table.whitelist": "a, b",
};

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

test("incrementingColumnFor prefers the mapping over the name", () => {
  const settings = jdbcSourceSettings({
    ...config,
    "incrementing.column.name": "id",
    "incrementing.column.mapping": "public\\.b.*:seq",
  });
  assert.equal(incrementingColumnFor({ catalog: "d", schema: "public", name: "b1" }, settings), "seq");
  assert.equal(incrementingColumnFor({ catalog: "d", schema: "public", name: "a" }, settings), "id");
});

test("timestampColumnsFor takes the columns of the first expression that matches", () => {
  const settings = jdbcSourceSettings({
    ...config,
    "timestamp.column.name": "at",
    "timestamp.columns.mapping": "public\\.b.*:[created|updated],c:[only]",
  });
  assert.deepEqual(timestampColumnsFor({ catalog: "d", schema: "public", name: "b1" }, settings), [
    "created",
    "updated",
  ]);
  assert.deepEqual(timestampColumnsFor({ catalog: "d", schema: "public", name: "c" }, settings), ["only"]);
  assert.deepEqual(timestampColumnsFor({ catalog: "d", schema: "public", name: "a" }, settings), ["at"]);
});

test("jdbcSourceSettings takes query.masked as the query, without the semicolon at its end", () => {
  assert.equal(jdbcSourceSettings({ ...config, "query.masked": "SELECT 1 ; " }).query, "SELECT 1");
});
