import assert from "node:assert/strict";
import { test } from "node:test";
import { noMetrics, type PluginGauge, type SourceRecord } from "@millrace/connect";
import { LagMetrics } from "./lag-metrics.ts";

test("LagMetrics knows how old changes are when they are handed over, and while they wait", () => {
  const gauges = new Map<string, PluginGauge>();
  const queue = { size: 0 };
  let nowMs = 1_700_000_010_000;
  const lag = new LagMetrics({
    metrics: { ...noMetrics, gauge: (name, gauge) => void gauges.set(name, gauge) },
    ...{ name: "shop", queue, queueMax: 100, nowMs: () => nowMs },
  });
  const value = (name: string) => gauges.get(name)!.read();
  const change = (committedMs: number, snapshot?: string) => {
    const sourceOffset = { lsn: 1, ts_usec: committedMs * 1_000, ...(snapshot === undefined ? {} : { snapshot }) };
    return { topic: "t", sourcePartition: {}, sourceOffset, value: null } as SourceRecord;
  };
  assert.deepEqual([value("behind_source"), value("snapshot_ended")], [null, 0]);
  assert.ok(Number.isNaN(value("lag_seconds")));
  lag.taken(null);
  assert.equal(value("behind_source"), null);
  lag.taken([change(nowMs - 9_000, "INITIAL")]);
  assert.deepEqual([value("lag_seconds"), value("snapshot_ended")], [9, 0]);
  lag.taken([change(nowMs - 8_000), change(nowMs - 2_500)]);
  assert.deepEqual([value("lag_seconds"), value("behind_source"), value("events_seen")], [2.5, 2_500, 3]);
  queue.size = 40;
  nowMs += 1_000;
  assert.deepEqual([value("lag_seconds"), value("queue_room"), value("snapshot_ended")], [3.5, 60, 1]);
  queue.size = 0;
  lag.taken(null);
  assert.deepEqual([value("lag_seconds"), value("since_last_event")], [0, 1_000]);
  assert.deepEqual(gauges.get("behind_source")!.alias, {
    name: "debezium_metrics_MilliSecondsBehindSource",
    labels: { context: "streaming", name: "shop", plugin: "postgres" },
  });
});
