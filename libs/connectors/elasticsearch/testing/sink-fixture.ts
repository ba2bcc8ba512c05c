// Runs one task of the sink against a server, as the runtime does, and looks at what it wrote.
import { setTimeout as wait } from "node:timers/promises";
import {
  ConnectHeaders,
  type ErrantRecordReporter,
  noMetrics,
  type SinkOffset,
  type SinkRecord,
} from "@millrace/connect";
import { ElasticsearchSinkTask } from "../elasticsearch-sink-task.ts";

export interface Reported {
  readonly record: SinkRecord;
  readonly message: string;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** The server of the tests. Without one they fail. */
export function elasticsearchUrl(): string {
  const url = process.env.ELASTICSEARCH_URL;
  if (!url) throw new Error("no ELASTICSEARCH_URL: run  npm test, or start Elasticsearch and give its address");
  return url.replace(/\/$/, "");
}

/** A task with a dead letter queue in memory. */
export class TestTask {
  readonly task = new ElasticsearchSinkTask();
  readonly reports: Reported[] = [];
  readonly log: LogLine[] = [];
  readonly stopping = new AbortController();
  #ends = new Map<string, SinkOffset>();

  static async start(
    config: Readonly<Record<string, string>>,
    options: { readonly reporter?: ErrantRecordReporter | null } = {},
  ): Promise<TestTask> {
    const test = new TestTask();
    const reporter: ErrantRecordReporter = {
      report: async (record, error) => void test.reports.push({ record, message: (error as Error).message }),
    };
    const logger =
      (level: string) =>
      (message: string, fields: Record<string, unknown> = {}) =>
        void test.log.push({ level, message, fields });
    await test.task.start({
      connector: "test",
      task: 0,
      config: {
        "read.timeout.ms": "20000",
        ...config,
        "connection.url": config["connection.url"] ?? elasticsearchUrl(),
      },
      signal: test.stopping.signal,
      logger: { debug: logger("debug"), info: logger("info"), warn: logger("warn"), error: logger("error") },
      nowMs: () => Date.now(),
      sleep,
      offset() {},
      timeout() {},
      assignment: () => [],
      pause() {},
      resume() {},
      requestCommit() {},
      metrics: noMetrics,
      errantRecordReporter: options.reporter === undefined ? reporter : options.reporter,
    });
    return test;
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    await this.task.put(records);
    for (const { originalTopic: topic, originalPartition: partition, originalOffset } of records) {
      this.#ends.set(`${topic} ${partition}`, { topic, partition, offset: originalOffset + 1 });
    }
  }

  /** Offsets that may be committed now. */
  async commit(): Promise<readonly SinkOffset[]> {
    return this.task.preCommit([...this.#ends.values()]);
  }

  /** Puts, waits until it is written, and stops: the offsets behind it. */
  async write(records: readonly SinkRecord[]): Promise<readonly SinkOffset[]> {
    await this.put(records);
    const offsets = await this.settled();
    await this.stop();
    return offsets;
  }

  /** Commits until everything put may be committed. @throws what `put` throws when the task has failed. */
  async settled(): Promise<readonly SinkOffset[]> {
    for (;;) {
      const offsets = await this.commit();
      if (offsets.every(({ topic, partition, offset }) => this.#ends.get(`${topic} ${partition}`)?.offset === offset)) {
        await this.task.put([]);
        return offsets;
      }
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error("the task was asked to stop"));
    await this.task.stop();
  }
}

const sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
  wait(delayMs, undefined, signal === undefined ? {} : { signal });

/** Without schemas and with a text key, unless said otherwise. */
export function record(topic: string, offset: number, given: Partial<SinkRecord>): SinkRecord {
  const partition = given.partition ?? 0;
  return {
    topic,
    partition,
    offset,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestamp: 1_700_000_000_000,
    timestampType: "CreateTime",
    headers: new ConnectHeaders(),
    originalTopic: given.topic ?? topic,
    originalPartition: partition,
    originalOffset: offset,
    ...given,
  };
}

let names = 0;

/** A topic, and so an index, of this test alone. */
export const ownTopic = (): string => `t-${process.pid}-${Date.now().toString(36)}-${names++}`;

export async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
  const headers = { "content-type": "application/json" };
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
  const answer = await fetch(elasticsearchUrl() + path, init);
  const text = await answer.text();
  return { status: answer.status, json: text === "" ? null : JSON.parse(text) };
}

/** Documents of an index by their ids. */
export async function documents(index: string): Promise<Record<string, unknown>> {
  await ask("POST", `/${index}/_refresh`);
  const { json } = await ask("GET", `/${index}/_search?size=10000&version=true`);
  const { hits } = json as { hits: { hits: { _id: string; _source: unknown }[] } };
  return Object.fromEntries(hits.hits.map(({ _id, _source }) => [_id, _source]));
}

export async function remove(index: string): Promise<void> {
  await ask("DELETE", `/${index}`);
}
