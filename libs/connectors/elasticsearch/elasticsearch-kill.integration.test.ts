import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ConnectError } from "@millrace/connect";
import { startElasticsearch } from "../../../deploy/dev/stack.ts";
import { record, TestTask } from "./testing/sink-fixture.ts";

const RECORDS = 6000;
const KEYS = 500;

test("loses nothing that was committed when Elasticsearch is killed, and goes on from there when it is back", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "millrace-elasticsearch-"));
  chmodSync(dir, 0o711);
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const server = await startElasticsearch({ dir });
  t.after(() => server.stop());
  const records = Array.from({ length: RECORDS }, (_, n) => record("killed", n, { key: `k${n % KEYS}`, value: { n } }));
  const found = async () => {
    await fetch(`${server.url}/_cluster/health/killed?wait_for_status=yellow&timeout=30s`);
    await fetch(`${server.url}/killed/_refresh`, { method: "POST" });
    const answer = await fetch(`${server.url}/killed/_search?size=${KEYS}`);
    const { hits } = (await answer.json()) as { hits: { hits: { _id: string; _source: { n: number } }[] } };
    return new Map(hits.hits.map(({ _id, _source }) => [_id, _source.n]));
  };
  let committed = 0;
  let kills = 0;
  for (let life = 0; committed < RECORDS; life++) {
    assert.ok(life < 20, "gets on");
    const task = await TestTask.start({
      "connection.url": server.url,
      "schema.ignore": "true",
      "batch.size": "50",
      "max.retries": "2",
      "retry.backoff.ms": "1",
    });
    let killing: Promise<void> | null = null;
    try {
      for (let from = committed; from < RECORDS; from += 100) {
        await task.put(records.slice(from, from + 100));
        if (from % 500 === 0) committed = (await task.commit())[0]!.offset;
        // With requests on their way.
        if (kills < 2 && from > (RECORDS * (kills + 1)) / 3) {
          kills++;
          killing = server.kill();
        }
      }
      committed = (await task.settled())[0]!.offset;
    } catch (error) {
      assert.ok(error instanceof ConnectError, "only for Elasticsearch's absence");
    }
    await task.stop();
    if (killing === null) continue;
    await killing;
    await server.restart();
    const documents = await found();
    for (const { key, offset } of records.slice(0, committed)) {
      assert.ok(documents.get(String(key))! >= offset, `the document of offset ${offset} is there, or a newer one`);
    }
  }
  assert.equal(kills, 2);
  const newest = records.slice(-KEYS).map(({ key, offset }) => [String(key), offset] as const);
  assert.deepEqual(await found(), new Map(newest));
});
