import assert from "node:assert/strict";
import { test } from "node:test";
import { fileSource, ScriptedCluster, send } from "../scripted-cluster.ts";

const offsets = [{ partition: { filename: "in.txt" }, offset: { position: 4 } }];

/** A connector `c`, stopped unless said otherwise. */
async function started(targetState: "STARTED" | "PAUSED" | "STOPPED" = "STOPPED") {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", { "connector.class": fileSource }, targetState === "STOPPED" ? 0 : 1);
  cluster.records.set("c", { ...cluster.records.get("c")!, targetState });
  return { cluster, gateway: cluster.gateway() };
}

test("PATCH offsets settles the stopped connector, then changes them", async () => {
  const { cluster, gateway } = await started();
  const { status, body } = await send(gateway, "PATCH /connectors/c/offsets", { body: { offsets } });
  assert.deepEqual([status, body], [200, { message: "The offsets for this connector have been altered successfully" }]);
  assert.deepEqual(cluster.asked, [`settle {"name":"c"}`, `alter ${JSON.stringify({ connector: "c", offsets })}`]);
});

test("DELETE offsets removes all, and says when the connector may have its own", async () => {
  const { cluster, gateway } = await started();
  cluster.altersOffsets = false;
  const { status, body } = await send(gateway, "DELETE /connectors/c/offsets");
  assert.equal(status, 200);
  assert.match(
    (body as { message: string }).message,
    /^The Connect framework-managed offsets .* reset successfully\. However/,
  );
  assert.deepEqual(cluster.asked.at(-1), `alter {"connector":"c","offsets":null}`);
});

test("PATCH and DELETE offsets are answered 409 when the connector was resumed meanwhile", async () => {
  for (const line of ["PATCH /connectors/c/offsets", "DELETE /connectors/c/offsets"]) {
    const { cluster, gateway } = await started();
    cluster.hub.filter = ({ kind, subject }) => {
      if (kind === "reply" && subject.startsWith("runner.")) {
        cluster.records.set("c", { ...cluster.records.get("c")!, targetState: "STARTED", version: 2 });
      }
      return [0];
    };
    const { status, body } = await send(gateway, line, line.startsWith("PATCH") ? { body: { offsets } } : {});
    assert.equal(status, 409);
    assert.match((body as { message: string }).message, /resumed while its offsets were .*repeat the request$/);
    assert.equal(cluster.asked.filter((each) => each.startsWith("alter")).length, 1);
  }
});

test("offsets of a connector that is not stopped stay as they are", async () => {
  for (const state of ["STARTED", "PAUSED"] as const) {
    const { cluster, gateway } = await started(state);
    for (const line of ["PATCH /connectors/c/offsets", "DELETE /connectors/c/offsets"]) {
      const { status, body } = await send(gateway, line, line.startsWith("PATCH") ? { body: { offsets } } : {});
      assert.equal(status, 400);
      assert.match(
        (body as { message: string }).message,
        /^Connectors must be in the STOPPED state before .*\/c\/stop' endpoint$/,
      );
    }
    assert.deepEqual(cluster.asked, []);
  }
});

test("PATCH offsets refuses what is no list of offsets, and numbers that lost digits", async () => {
  const { cluster, gateway } = await started();
  const patch = async (body: unknown) => {
    const answer = await send(gateway, "PATCH /connectors/c/offsets", { body });
    return [answer.status, (answer.body as { message: string }).message] as const;
  };
  const none = "Partitions / offsets need to be provided for an alter offsets request";
  for (const body of [{}, { offsets: [] }, { offsets: null }]) assert.deepEqual(await patch(body), [400, none]);
  for (const body of [
    [],
    { offsets: {} },
    { offsets: [1] },
    { offsets: [null] },
    { other: 1 },
    { offsets: [{ x: 1 }] },
  ]) {
    assert.equal((await patch(body))[0], 500, JSON.stringify(body));
  }
  const inexact = await patch({ offsets: [{ partition: { p: 1 }, offset: { lsn: 2 ** 60 } }] });
  assert.deepEqual(inexact, [
    400,
    'The number "lsn" in "offset" of entry 0 is beyond 9007199254740991 and cannot be taken exactly',
  ]);
  assert.deepEqual(cluster.asked, []);
});

test("offsets of an unknown connector are not found", async () => {
  const { gateway } = await started();
  for (const method of ["GET", "DELETE"]) {
    const { body } = await send(gateway, `${method} /connectors/x/offsets`);
    assert.deepEqual(body, { error_code: 404, message: "Connector x not found" });
  }
});
