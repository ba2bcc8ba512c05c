import assert from "node:assert/strict";
import { test } from "node:test";
import { runnerBrokenPlugins, runnerList } from "@millrace/protocol";
import { ScriptedCluster, send } from "../scripted-cluster.ts";

test("GET /millrace/v1/plugins/broken tells what each runner could not load, and how many do not answer", async () => {
  const cluster = await ScriptedCluster.start();
  const runners = ["1", "2"].map((id) => ({ runner: `r${id}`, workerId: `host${id}:8083`, hosts: 1 }));
  await cluster.scheduler.respond(runnerList, () => ({ runners }));
  const plugins = [
    { file: "/plugins/a.mjs", reason: "the task host that loaded it ended: exit code 3", quarantined: true },
    { file: "/plugins/b.mjs", reason: "Error: boom", quarantined: false },
  ];
  await cluster.runner.respond(runnerBrokenPlugins("r1"), () => ({ plugins }));
  const { status, body } = await send(cluster.gateway(), "GET /millrace/v1/plugins/broken");
  assert.equal(status, 200);
  assert.deepEqual(body, {
    plugins: plugins.map((plugin) => ({ worker: "host1:8083", ...plugin })),
    missingRunners: 1,
  });
});
