import assert from "node:assert/strict";
import { test } from "node:test";
import { isKafkaError } from "@millrace/kafka";
import { openHostFixture } from "../../testing/host-fixture.ts";
import { type OpenedCommitter, openCommitter } from "./open-committer.ts";

const OFFSETS_TOPIC = "connect-offsets";
const bytes = (text: string) => new TextEncoder().encode(text);

/** Opens committers of the same task, one after the other: each with the same transactional id. */
function open() {
  const fixture = openHostFixture({ worker: { "exactly.once.source.support": "enabled" } });
  const { env, cluster, clock } = fixture;
  cluster.createTopic({ topic: OFFSETS_TOPIC, partitions: 1, replicationFactor: 1, configs: {} });
  const committer = (initialised: () => Promise<void>): Promise<OpenedCommitter> =>
    openCommitter(env, {
      layers: { worker: {}, connector: {} },
      identity: { groupId: "g", connector: "c", task: 0 },
      offsetsTopic: OFFSETS_TOPIC,
      twoLevel: false,
      signal: new AbortController().signal,
      logger: env.logger,
      transactionIntervalMs: 0,
      initialised,
    });
  const commit = (opened: OpenedCommitter, n: number) =>
    opened.committer.commit(0, [{ key: bytes('["c",{"p":"a"}]'), value: bytes(`{"n":${n}}`) }]);
  return { clock, cluster, committer, commit };
}

const isFenced = (error: unknown) => isKafkaError(error) && error.kind === "fenced";

test("openCommitter asks whether its task is still wanted when older producers are fenced, and not before (I3)", async () => {
  const { clock, cluster, committer, commit } = open();
  const old = await committer(async () => {});
  await commit(old, 1);
  let asked = 0;
  cluster.faults.delayNext("initTransactions", 5_000);
  const opening = committer(async () => {
    asked++;
    // What an answer "it is wanted" rests on: from here on the older one writes nothing.
    await assert.rejects(commit(old, 2), isFenced);
  });
  await clock.advance(4_900);
  assert.equal(asked, 0, "an answer from before may be out of date when older producers are fenced");
  await clock.advance(200);
  const opened = await opening;
  assert.equal(asked, 1);
  await commit(opened, 3);
  assert.equal(cluster.log(OFFSETS_TOPIC).length, 2);
});

test("openCommitter of a task that is not wanted writes nothing, and goes no further", async () => {
  const { cluster, committer, commit } = open();
  const unwanted = new Error("this generation is not wanted");
  await assert.rejects(
    committer(() => Promise.reject(unwanted)),
    unwanted,
  );
  assert.equal(cluster.log(OFFSETS_TOPIC).length, 0);
  await commit(await committer(async () => {}), 1);
  assert.equal(cluster.log(OFFSETS_TOPIC).length, 1);
});
