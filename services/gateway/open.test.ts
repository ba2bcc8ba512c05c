import assert from "node:assert/strict";
import { test } from "node:test";
import { loadWorkerConfig } from "@millrace/service";
import { systemClock as clock } from "@millrace/time";
import { openGateway } from "./open.ts";
import { ScriptedCluster } from "./scripted-cluster.ts";

const listeners = "http://127.0.0.1:0";

async function opened(overrides: Record<string, string>) {
  const { levels, hub } = await ScriptedCluster.start();
  const worker = loadWorkerConfig({ kafka: false, mode: "standalone", overrides: { listeners, ...overrides } });
  const logger = { debug() {}, error() {} };
  const serving = await openGateway({ worker, bus: hub.connect("gateway"), clock, logger, levels });
  const statuses = async (path: string) =>
    Promise.all(serving.addresses.map(async (address) => (await fetch(`${address}${path}`)).status));
  return { serving, statuses };
}

test("/admin answers on the listeners, alone on its own, or nowhere", async () => {
  for (const [overrides, connectors, loggers] of [
    [{}, [200], [200]],
    [{ "admin.listeners": listeners }, [200, 404], [404, 200]],
    [{ "admin.listeners": "" }, [200], [404]],
  ] as const) {
    const { serving, statuses } = await opened(overrides);
    assert.deepEqual([await statuses("/connectors"), await statuses("/admin/loggers")], [connectors, loggers]);
    await serving.close();
  }
});

test("response.http.headers.config is on every answer, refusals too", async () => {
  const { serving } = await opened({ "response.http.headers.config": "set X-Frame-Options: DENY" });
  for (const path of ["/connectors", "/nope", "/a%00b"]) {
    const { headers } = await fetch(`${serving.addresses[0]}${path}`);
    assert.equal(headers.get("x-frame-options"), "DENY", path);
  }
  await serving.close();
});
