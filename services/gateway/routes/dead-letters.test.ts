import assert from "node:assert/strict";
import { test } from "node:test";
import { deadLetterGroups, deadLetterList, deadLetterReplay } from "@millrace/protocol";
import { fileSink, ScriptedCluster, send } from "../scripted-cluster.ts";

async function started() {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", { "connector.class": fileSink });
  const asked: unknown[] = [];
  const noted = <Q, A>(answer: A) => {
    return (question: Q) => {
      asked.push(question);
      return answer;
    };
  };
  await cluster.runner.respond(deadLetterGroups, noted({ topic: "dlq", letters: 0, more: false, groups: [] }));
  await cluster.runner.respond(deadLetterList, noted({ topic: "dlq", letters: [], more: false }));
  await cluster.runner.respond(deadLetterReplay, noted({ replayed: 1, already: 0, failed: [] }));
  return { asked, cluster, gateway: cluster.gateway() };
}

const path = "/millrace/v1/connectors/c/dead-letters";
const config = { "connector.class": fileSink, name: "c" };

test("dead letters are asked of a runner with the connector's configuration", async () => {
  const { asked, gateway } = await started();
  assert.deepEqual((await send(gateway, `GET ${path}`)).body, { topic: "dlq", letters: 0, more: false, groups: [] });
  await send(gateway, `GET ${path}/letters?group=ab&skip=40`);
  assert.deepEqual(asked, [
    { connector: "c", config },
    { connector: "c", config, group: "ab", skip: 40, limit: 20 },
  ]);
  assert.equal((await send(gateway, "GET /millrace/v1/connectors/x/dead-letters")).status, 404);
});

test("a replay says which letters in one way, and where to", async () => {
  const { asked, gateway } = await started();
  const letters = [{ partition: 0, offset: 3, value: { text: "mended" } }];
  for (const body of [{ letters }, { group: "ab", to: "connector" }, { all: true }]) {
    const { status, body: answer } = await send(gateway, `POST ${path}/replay`, { body });
    assert.deepEqual([status, answer], [200, { replayed: 1, already: 0, failed: [] }]);
  }
  const taskConfig = { "connector.class": fileSink, "task.class": "Task", name: "c" };
  const whose = { connector: "c", config, taskConfig };
  assert.deepEqual(asked, [
    { ...whose, to: "topic", choice: { letters } },
    { ...whose, to: "connector", choice: { group: "ab" } },
    { ...whose, to: "topic", choice: { all: true } },
  ]);
});

test("a replay of nothing, of two things, or elsewhere is refused", async () => {
  const { asked, gateway } = await started();
  const wrong = [
    {},
    { all: true, group: "ab" },
    { letters: [] },
    { letters: [{ partition: 0 }] },
    { all: true, to: "moon" },
    { all: true, more: 1 },
  ];
  for (const body of wrong) {
    assert.equal((await send(gateway, `POST ${path}/replay`, { body })).status, 400, JSON.stringify(body));
  }
  assert.deepEqual(asked, []);
});
