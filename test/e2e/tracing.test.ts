import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

const STRING = "org.apache.kafka.connect.storage.StringConverter";
const fixture = new StandaloneFixture("tracing");
const spans: { name: string; traceId: string; spanId: string; links?: { spanId: string }[] }[] = [];
const collector = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const { resourceSpans } = JSON.parse(Buffer.concat(pieces).toString());
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    response.end("{}");
  });
});
after(async () => {
  await fixture.close();
  collector.close();
  collector.closeAllConnections();
});

test("a record's way from a source through Kafka to a sink is one chain of spans", async () => {
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  const topic = `${fixture.run}-lines`;
  const { rest } = await fixture.start({
    properties: {
      "bootstrap.servers": sharedServer("KAFKA_BOOTSTRAP_SERVERS"),
      ...{ "key.converter": STRING, "value.converter": STRING },
      "offset.storage.topic": `${fixture.run}-offsets`,
      "offset.storage.replication.factor": "1",
    },
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      OTEL_BSP_SCHEDULE_DELAY: "200",
    },
  });
  const source = { "connector.class": "FileStreamSource", file: fixture.write("in.txt", "one\ntwo\n"), topic };
  const sink = { "connector.class": "FileStreamSink", file: join(fixture.dir, "out.txt"), topics: topic };
  for (const [name, config] of Object.entries({ source, sink })) {
    assert.equal((await rest.insist("PUT", `/connectors/${name}/config`, config)).status, 201);
  }
  await until("the sink's span is exported", async () => spans.some(({ name }) => name === `process ${topic}`));
  const [send, put] = ["send", "process"].map((operation) =>
    spans.find(({ name }) => name === `${operation} ${topic}`),
  );
  assert.deepEqual(
    put?.links?.map(({ spanId }) => spanId),
    [send?.spanId],
  );
  await until("the commit's too", async () => spans.some(({ name }) => name === "commit source"));
});
