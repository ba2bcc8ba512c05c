// No tests: what the integration tests of this folder share.
import { after } from "node:test";
import {
  noMetrics,
  type OffsetMap,
  type SourceRecord,
  type SourceTaskContext,
  type TaskConfig,
} from "@millrace/connect";
import postgres from "postgres";
import { JdbcSource } from "../plugin.ts";

/** A database of its own for one test file, on the server DATABASE_URL names. */
export async function createTestDatabase(name: string) {
  const url = process.env.DATABASE_URL;
  if (url === undefined) throw new Error("DATABASE_URL is not set: it names the Postgres server these tests need.");
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  const database = `jdbc_${name}_${process.pid}`;
  await admin.unsafe(`CREATE DATABASE ${database}`);
  const address = new URL(url);
  const user = decodeURIComponent(address.username);
  const password = decodeURIComponent(address.password);
  const sql = postgres({
    host: address.hostname,
    port: Number(address.port || 5432),
    user,
    password,
    database,
    max: 12,
    onnotice: () => {},
  });
  return {
    sql,
    database,
    config: {
      "connection.url": `jdbc:postgresql://${address.hostname}:${address.port || 5432}/${database}`,
      "connection.user": user,
      "connection.password": password,
      "connection.attempts": "1",
      "topic.prefix": "pg-",
      "poll.interval.ms": "20",
    },
    async drop() {
      await sql.end();
      await admin.unsafe(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/** The source as a runtime would run it: one connector and its first task. Stopped at the end of the file at the latest. */
export async function startSource(config: TaskConfig, stored: OffsetMap | null = null) {
  const stop = new AbortController();
  const warnings: string[] = [];
  let sleptMs = 0;
  const context = {
    connector: "jdbc",
    task: 0,
    transaction: null,
    metrics: noMetrics,
    signal: stop.signal,
    logger: { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} },
    nowMs: () => Date.now(),
    sleep: (delayMs: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener("abort", onAbort);
          sleptMs += delayMs;
          resolve();
        }, delayMs);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    requestTaskReconfiguration() {},
    raiseError(error: unknown) {
      throw error;
    },
    offsets: {
      offset: async () => stored,
      offsets: async (partitions: readonly OffsetMap[]) => partitions.map(() => stored),
    },
  };
  const connector = JdbcSource.create();
  await connector.start(context, config);
  const taskConfigs = await connector.taskConfigs(1);
  const task = connector.task();
  const stopAll = async () => {
    if (stop.signal.aborted) return;
    stop.abort();
    await task.stop();
    await connector.stop();
  };
  after(stopAll);
  try {
    await task.start({ ...context, config: taskConfigs[0]! } satisfies SourceTaskContext);
  } catch (error) {
    await stopAll();
    throw error;
  }
  return {
    task,
    taskConfigs,
    warnings,
    /** How long it has slept by its own wish, in all. */
    sleptMs: () => sleptMs,
    /** Polls until there are `count` records, or `done` says so. */
    async poll(count: number, done: () => boolean = () => false): Promise<SourceRecord[]> {
      const records: SourceRecord[] = [];
      while (records.length < count && !done()) records.push(...((await task.poll()) ?? []));
      return records;
    },
    stop: stopAll,
  };
}
