// Documents a second: the Elasticsearch sink beside a bare loop of bulk requests, in turns, on one server. See README.md.
//   npm run bench:elasticsearch [-- --documents 200000 --rounds 3]
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ConnectHeaders, noMetrics, Schema, SchemaBuilder, type SinkRecord, Struct } from "@millrace/connect";
import { ElasticsearchSink } from "@millrace/connector-elasticsearch";
import { startElasticsearch } from "../../deploy/dev/stack.ts";

const { values: options } = parseArgs({
  options: { documents: { type: "string", default: "200000" }, rounds: { type: "string", default: "3" } },
});
const documentCount = Number(options.documents);
const BATCH = 2000;
const IN_FLIGHT = 5;
/** What a sink is given at once: max.poll.records. */
const POLLED = 500;

const schema = SchemaBuilder.struct()
  .field("id", Schema.INT64)
  .field("customer", Schema.STRING)
  .field("status", Schema.STRING)
  .field("total", Schema.FLOAT64)
  .field("quantity", Schema.INT32)
  .field("note", Schema.OPTIONAL_STRING)
  .build();
const fields = (n: number) => ({
  id: n,
  customer: `customer ${n % 1000}`,
  status: ["new", "paid", "shipped"][n % 3]!,
  total: (n % 90_000) / 7,
  quantity: 1 + (n % 7),
  note: n % 4 === 0 ? null : `order note ${n} with a few words behind it`,
});
const mapping = {
  settings: { number_of_replicas: 0 },
  mappings: {
    properties: {
      id: { type: "long" },
      customer: { type: "keyword" },
      status: { type: "keyword" },
      total: { type: "double" },
      quantity: { type: "integer" },
      note: { type: "text" },
    },
  },
};

const dir = mkdtempSync(join(tmpdir(), "millrace-bench-"));
// Started by root, Elasticsearch runs as another user, who must be able to walk through.
chmodSync(dir, 0o711);
const given = process.env.ELASTICSEARCH_URL;
const server = given === undefined ? await startElasticsearch({ dir, heapMbMax: 1024, optimized: true }) : undefined;
const url = given ?? server!.url;
try {
  await measure("warm-up", bareLoop);
  await measure("warm-up", sink);
  const speeds = { bare: [] as number[], sink: [] as number[] };
  for (let round = 1; round <= Number(options.rounds); round++) {
    speeds.bare.push(await measure(`bare loop ${round}`, bareLoop));
    speeds.sink.push(await measure(`sink ${round}`, sink));
  }
  const [bare, ours] = [median(speeds.bare), median(speeds.sink)];
  console.log(
    `\nmedian: bare loop ${bare} documents/s, sink ${ours} documents/s, ${Math.round((100 * ours) / bare)} %`,
  );
} finally {
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
}

/** On a fresh index; documents a second, after checking that all are there. */
async function measure(name: string, write: (index: string) => Promise<void>): Promise<number> {
  const index = "bench";
  await ask("DELETE", `/${index}`);
  await ask("PUT", `/${index}`, mapping);
  const startMs = performance.now();
  await write(index);
  const perSecond = Math.round((documentCount * 1000) / (performance.now() - startMs));
  await ask("POST", `/${index}/_refresh`);
  const { count } = (await ask("GET", `/${index}/_count`)) as { count: number };
  if (count !== documentCount) throw new Error(`${name} wrote ${count} documents of ${documentCount}`);
  console.log(`${name}: ${perSecond} documents/s`);
  return perSecond;
}

/** What anybody would write: as many requests of as many documents at once, with ids and nothing else. */
async function bareLoop(index: string): Promise<void> {
  let next = 0;
  const sender = async () => {
    while (next < documentCount) {
      const from = next;
      next += BATCH;
      let lines = "";
      for (let n = from; n < Math.min(from + BATCH, documentCount); n++) {
        lines += `{"index":{"_index":"${index}","_id":"${n}"}}\n${JSON.stringify(fields(n))}\n`;
      }
      const answer = await fetch(`${url}/_bulk`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson" },
        body: lines,
      });
      const { errors } = (await answer.json()) as { errors: boolean };
      if (errors) throw new Error("a document was refused");
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
}

/** One task, given records as the runtime gives them: converted, 500 at a time, until all may be committed. */
async function sink(index: string): Promise<void> {
  const task = ElasticsearchSink.create().task();
  const stopping = new AbortController();
  await task.start({
    connector: "bench",
    task: 0,
    config: { "connection.url": url, "read.timeout.ms": "60000" },
    signal: stopping.signal,
    metrics: noMetrics,
    logger: { debug() {}, info() {}, warn: console.warn, error: console.error },
    nowMs: () => Date.now(),
    sleep: (delayMs, signal) => wait(delayMs, undefined, signal === undefined ? {} : { signal }),
    offset() {},
    timeout() {},
    assignment: () => [],
    pause() {},
    resume() {},
    requestCommit() {},
    errantRecordReporter: null,
  });
  for (let from = 0; from < documentCount; from += POLLED) {
    await task.put(Array.from({ length: Math.min(POLLED, documentCount - from) }, (_, i) => recordOf(index, from + i)));
  }
  const end = { topic: index, partition: 0, offset: documentCount };
  while ((await task.preCommit!([end]))[0]?.offset !== documentCount);
  stopping.abort();
  await task.stop();
}

function recordOf(topic: string, offset: number): SinkRecord {
  const { id, customer, status, total, quantity, note } = fields(offset);
  return {
    topic,
    partition: 0,
    offset,
    keySchema: Schema.INT64,
    key: offset,
    valueSchema: schema,
    value: Struct.of(schema, [id, customer, status, total, quantity, note]),
    timestamp: 1_700_000_000_000,
    timestampType: "CreateTime",
    headers: new ConnectHeaders(),
    originalTopic: topic,
    originalPartition: 0,
    originalOffset: offset,
  };
}

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(
    url + path,
    body === undefined ? { method } : { method, headers, body: JSON.stringify(body) },
  );
  return answer.json();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
