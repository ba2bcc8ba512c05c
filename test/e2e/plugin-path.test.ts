import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { readCommitted } from "../../deploy/prove/topic-reader.ts";
import { until } from "../../deploy/prove/until.ts";
import { readmeCode, writeReadmePlugins } from "../../libs/connect/testing/readme-code.ts";
import { StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

const bootstrapServers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
const fixture = new StandaloneFixture("plugins");
const plugins = writeReadmePlugins();
after(async () => {
  await fixture.close();
  rmSync(plugins, { recursive: true });
});

/** A feed of `length` entries, each with an address, in pages of ten. */
async function openFeed() {
  let length = 0;
  const entry = (id: number) => ({ id, text: `entry ${id} of ada@example.com` });
  const server = createServer((request, response) => {
    const from = Number(new URL(request.url!, "http://feed").searchParams.get("after"));
    const ids = Array.from({ length: Math.max(0, Math.min(10, length - from)) }, (_, i) => from + 1 + i);
    response.end(JSON.stringify(ids.map(entry)));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  after(() => server.close().closeAllConnections());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`,
    grow: (to: number) => {
      length = to;
    },
  };
}

test("the SDK README's source and transform, in TypeScript in plugin.path, deliver exactly once over a restart", async () => {
  const feed = await openFeed();
  const topic = `${fixture.run}-feed`;
  const { name, config } = JSON.parse(readmeCode("feed.json"));
  const properties = {
    "bootstrap.servers": bootstrapServers,
    "plugin.path": plugins,
    "offset.storage.topic": `${fixture.run}-offsets`,
    "offset.storage.replication.factor": "1",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.storage.StringConverter",
  };
  const values = async () => {
    const read: string[] = [];
    await readCommitted(bootstrapServers, [topic], ({ value }) => read.push(Buffer.from(value ?? []).toString()));
    return read;
  };
  const expected = (to: number) =>
    Array.from({ length: to }, (_, i) => JSON.stringify({ id: i + 1, text: `entry ${i + 1} of [e-mail]` }));

  feed.grow(35);
  const { service, rest } = await fixture.start({ properties });
  const put = await rest.insist("PUT", `/connectors/${name}/config`, { ...config, "feed.url": feed.url, topic });
  assert.equal(put.status, 201, put.text);
  await until("the connector runs", () => rest.isIn("RUNNING", name, 1));
  await until("35 entries arrive", async () => (await values()).length >= 35);
  await service.stop();
  feed.grow(60);
  const again = await fixture.start({ properties });
  await until("60 entries arrive", async () => (await values()).length >= 60);
  assert.deepEqual(await values(), expected(60));
  const { body } = await again.rest.ask("GET", `/connectors/${name}/offsets`);
  assert.deepEqual(body, { offsets: [{ partition: { feed: feed.url }, offset: { id: 60 } }] });
});
