import assert from "node:assert/strict";
import { test } from "node:test";
import { type LogEntry, runnerList, runnerLogs } from "@millrace/protocol";
import { fileSource, ScriptedCluster, send } from "../scripted-cluster.ts";

async function started() {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", { "connector.class": fileSource });
  const logs: Record<string, LogEntry[]> = { a: [], b: [] };
  let sequence = 0;
  const say = (runner: string, time: string, msg: string) => {
    sequence++;
    logs[runner]!.push({
      sequence,
      line: JSON.stringify({ level: "info", time, name: "task-host", connector: "c", task: 0, msg }),
    });
  };
  await cluster.scheduler.respond(runnerList, () => ({
    runners: ["a", "b", "silent"].map((runner) => ({ runner, workerId: "w:8083", hosts: 1 })),
  }));
  for (const runner of ["a", "b"]) {
    await cluster.runner.respond(runnerLogs(runner), ({ connector, after, lines }) => ({
      entries: connector === "c" ? logs[runner]!.filter((entry) => entry.sequence > after).slice(-lines) : [],
      latest: sequence,
    }));
  }
  return { cluster, say, gateway: cluster.gateway() };
}

test("GET logs puts the lines of all runners in order, and knows unknown connectors", async () => {
  const { gateway, say } = await started();
  say("a", "2026-11-21T08:00:01Z", "one");
  say("b", "2026-11-21T08:00:02Z", "two");
  say("a", "2026-11-21T08:00:03Z", "three");
  const { body, status } = await send(gateway, "GET /millrace/v1/connectors/c/logs?lines=2");
  assert.equal(status, 200);
  const at = (second: number) => ({ time: `2026-11-21T08:00:0${second}Z`, level: "info", connector: "c", task: 0 });
  assert.deepEqual(body, {
    lines: [
      { ...at(2), message: "two" },
      { ...at(3), message: "three" },
    ],
  });
  assert.equal((await send(gateway, "GET /millrace/v1/connectors/none/logs")).status, 404);
  assert.equal((await send(gateway, "GET /millrace/v1/connectors/c/logs?lines=0")).status, 400);
});

test("GET logs?follow goes on as lines come, until the client goes", async () => {
  const { cluster, gateway, say } = await started();
  say("a", "2026-11-21T08:00:01Z", "one");
  const gone = new AbortController();
  const url = "http://connect:8083/millrace/v1/connectors/c/logs?follow";
  const response = await gateway.fetch(new Request(url, { signal: gone.signal }));
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  assert.match(await next(), /^data: \{.*"message":"one".*\}\n\n$/);
  const waiting = next();
  say("b", "2026-11-21T08:00:02Z", "two");
  say("b", "2026-11-21T08:00:03Z", "three");
  await cluster.clock.advance(600);
  assert.match(await waiting, /^data: .*"two".*\}\n\ndata: .*"three".*\}\n\n$/);
  const quiet = next();
  await cluster.clock.advance(16_000);
  assert.equal(await quiet, ": still there\n\n");
  const ended = reader.read();
  gone.abort();
  await cluster.clock.advance(600);
  assert.equal((await ended).done, true);
});
