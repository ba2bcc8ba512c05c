import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConfigVersion, connectorHistory, connectorRollback, ProtocolError } from "@millrace/protocol";
import { fileSource, ScriptedCluster, send } from "../scripted-cluster.ts";

const at = "2026-11-21T08:00:00.000Z";

function version(n: number): ConfigVersion {
  const config = { name: "c", "connector.class": fileSource, pw: `secret${n}`, copy: `secret${n}`, n: String(n) };
  return { version: n, config, passwords: ["pw"], author: null, atMs: Date.parse(at) };
}

async function started() {
  const cluster = await ScriptedCluster.start();
  const asked: unknown[] = [];
  await cluster.config.respond(connectorHistory, (question) => {
    asked.push(question);
    const versions = question.name === "c" ? [version(3), version(2)] : [];
    return { versions: versions.filter((each) => each.version < (question.beforeVersion ?? 9)), more: true };
  });
  await cluster.config.respond(connectorRollback, (question) => {
    asked.push(question);
    if (question.version > 3) throw new ProtocolError("NOT_FOUND", "Connector c has no config version 4");
    cluster.add("c", { "connector.class": fileSource, n: "2" });
    return { created: false, connector: cluster.records.get("c")! };
  });
  return { asked, gateway: cluster.gateway() };
}

test("history shows earlier configs, newest first, with their passwords hidden", async () => {
  const { asked, gateway } = await started();
  const { status, body } = await send(gateway, "GET /millrace/v1/connectors/c/history?limit=2");
  assert.equal(status, 200);
  const config = { "connector.class": fileSource, pw: "[hidden]", copy: "[hidden]", name: "c" };
  assert.deepEqual(body, {
    versions: [
      { version: 3, at, author: null, config: { ...config, n: "3" } },
      { version: 2, at, author: null, config: { ...config, n: "2" } },
    ],
    more: true,
  });
  await send(gateway, "GET /millrace/v1/connectors/c/history?before=3");
  assert.deepEqual(asked, [
    { name: "c", beforeVersion: null, limit: 2 },
    { name: "c", beforeVersion: 3, limit: 20 },
  ]);
});

test("history of a name that never was is not found, and bounds are kept", async () => {
  const { gateway } = await started();
  const { body } = await send(gateway, "GET /millrace/v1/connectors/x/history");
  assert.deepEqual(body, { error_code: 404, message: "Connector x not found" });
  const tooMany = await send(gateway, "GET /millrace/v1/connectors/c/history?limit=101");
  assert.deepEqual(tooMany.body, { error_code: 400, message: "limit=101: give a whole number from 1 to 100" });
});

test("rollback answers as a write of that config does, and refuses what is no version", async () => {
  const { asked, gateway } = await started();
  const path = "POST /millrace/v1/connectors/c/rollback";
  const { status, body } = await send(gateway, path, { body: { version: 2 } });
  assert.deepEqual([status, (body as { config: { n: string } }).config.n], [200, "2"]);
  assert.deepEqual(asked, [{ name: "c", version: 2 }]);
  assert.equal((await send(gateway, path, { body: { version: 4 } })).status, 404);
  for (const wrong of [{}, { version: "2" }, { version: 0 }, []]) {
    const refused = await send(gateway, path, { body: wrong });
    assert.equal(refused.status, 400, JSON.stringify(wrong));
  }
});
