import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type FailPoint, failPoints } from "@millrace/fail-points";
import { FAIL_POINTS } from "@millrace/service";
import type postgres from "postgres";
import { freePort } from "../../dev/probe.mjs";
import { type KafkaServer, startKafka } from "../../dev/start-kafka.ts";
import { type PostgresServer, startPostgres } from "../../dev/start-postgres.ts";
import { childPids } from "../child-pids.ts";
import { FailPointOrders } from "../fail-point-orders.ts";
import { sendSignal } from "../killer.ts";
import { openSource } from "../numbered-rows.ts";
import { RestClient } from "../rest-client.ts";
import { SeededRandom } from "../seeded-random.ts";
import { type Service, startService } from "../service-process.ts";
import { createTopics } from "../topic-reader.ts";
import { until, untilFound } from "../until.ts";
import { readEvents, replayOf } from "./cdc-topics.ts";
import { isExact, type Verdict } from "./replay.ts";
import { TableWriter } from "./table-writer.ts";

export interface CdcProofOptions {
  readonly kills: number;
  /** In the larger table when it begins. */
  readonly rows: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
}

export interface CdcProofResult {
  /** How often each was hit: fail points, and what was done from outside. */
  readonly hits: ReadonlyMap<string, number>;
  readonly changes: number;
  readonly verdicts: readonly (Verdict & { readonly topic: string; readonly examples: readonly string[] })[];
}

const STRIKES_PER_ROUND = 14;
const SNAPSHOT_STRIKES = 5;
const REACHED_TIMEOUT_MS = 12_000;
const DRAIN_TIMEOUT_MS = 180_000;
const PASSES_MAX = 12;
const OUTSIDE = ["host", "connections", "Postgres"] as const;

/** Those of the snapshot come by only while there is one. */
const snapshotPoints: readonly FailPoint[] = [
  "cdc.publication.after",
  "cdc.slot.made",
  "cdc.snapshot.begun",
  "cdc.snapshot.rows",
  "cdc.snapshot.table",
  "cdc.snapshot.end",
  "cdc.stream.before",
  "cdc.stream.begun",
];
const streamPoints = (Object.keys(failPoints) as FailPoint[]).filter((point) => {
  const { by, source } = failPoints[point];
  if (point.startsWith("cdc.snapshot") || point.startsWith("cdc.publication") || point.startsWith("cdc.slot"))
    return false;
  return source === "cdc" || (by === "flow" && point.startsWith("source."));
});

/**
 * Changes of two tables flow from Postgres to Kafka while the task's host is killed at named places of snapshot, hand-over and
 * streaming, connections are cut and Postgres is killed. In rounds, each with a connector, a slot and a snapshot of its own; in
 * the end of each, what the topics say must be exactly the tables.
 */
export async function runCdcProof(options: CdcProofOptions): Promise<CdcProofResult> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-cdc-proof-"));
  // Postgres may run as another user, who must be able to walk through.
  chmodSync(dir, 0o711);
  const [kafka, postgresServer] = await Promise.all([
    startKafka({ dir: join(dir, "kafka") }),
    startPostgres({ dir: join(dir, "postgres") }),
  ]);
  const sql = openSource(postgresServer.url);
  process.on("uncaughtException", outliveClient);
  const orders = new FailPointOrders(join(dir, "fail-points"));
  const { service, rest } = await startMillrace(dir, kafka, orders);
  try {
    const proof = new CdcProof({ ...options, kafka, postgres: postgresServer, sql, orders, service, rest });
    return await proof.run();
  } finally {
    await service.stop();
    await sql.end({ timeout: 1 });
    process.off("uncaughtException", outliveClient);
    await Promise.all([kafka.stop(), postgresServer.stop()]);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The writer's client throws where nobody can catch it when its server dies while it has something to send. */
function outliveClient(error: Error): void {
  // By the function's name: in a bundle the file has another one.
  if (!/\bnextWrite\b/.test(error.stack ?? "")) throw error;
}

async function startMillrace(
  dir: string,
  kafka: KafkaServer,
  orders: FailPointOrders,
): Promise<{ readonly service: Service; readonly rest: RestClient }> {
  const logs = join(dir, "logs");
  mkdirSync(logs);
  const url = `http://127.0.0.1:${await freePort()}`;
  const json = "org.apache.kafka.connect.json.JsonConverter";
  const service = await startService({
    name: "standalone",
    command: "standalone",
    settings: {
      "bootstrap.servers": kafka.bootstrapServers,
      "millrace.data.dir": join(dir, "data"),
      listeners: url,
      "key.converter": json,
      "value.converter": json,
      "key.converter.schemas.enable": "false",
      "value.converter.schemas.enable": "false",
    },
    dir: logs,
    env: { [FAIL_POINTS]: orders.folder },
  });
  return { service, rest: new RestClient(url) };
}

interface CdcProofDeps extends CdcProofOptions {
  readonly kafka: KafkaServer;
  readonly postgres: PostgresServer;
  readonly sql: postgres.Sql;
  readonly orders: FailPointOrders;
  readonly service: Service;
  readonly rest: RestClient;
}

class CdcProof {
  readonly #deps: CdcProofDeps;
  readonly #random: SeededRandom;
  readonly #writer: TableWriter;
  readonly #hits = new Map<string, number>();
  #struck = 0;
  #changes = 0;

  constructor(deps: CdcProofDeps) {
    this.#deps = deps;
    this.#random = new SeededRandom(deps.seed);
    this.#writer = new TableWriter(deps.sql, deps);
  }

  async run(): Promise<CdcProofResult> {
    const { kills, rows } = this.#deps;
    await this.#writer.create(rows);
    const verdicts: CdcProofResult["verdicts"][number][] = [];
    for (let round = 1; this.#struck < kills; round++) verdicts.push(...(await this.#round(round)));
    return { hits: this.#hits, changes: this.#changes, verdicts };
  }

  async #round(round: number): Promise<CdcProofResult["verdicts"]> {
    const { kills, kafka, rest, progress, rows, seed, sql } = this.#deps;
    const name = `round${round}`;
    const topics = this.#writer.tables.map((table) => `${name}.public.${table}`);
    await createTopics(kafka.bootstrapServers, topics, 1);
    const load =
      round === 1 ? this.#writer : new TableWriter(sql, { rows: rows + round * 1_000_000, seed: seed + round });
    load.start();
    const strikes = Math.min(STRIKES_PER_ROUND, kills - this.#struck);
    const snapshotStrikes = Math.min(SNAPSHOT_STRIKES, strikes);
    try {
      const chosen = new Set(this.#random.shuffled(snapshotPoints).slice(0, snapshotStrikes));
      for (const [i, point] of snapshotPoints.filter((each) => chosen.has(each)).entries()) {
        const create = i === 0 ? () => rest.insist("PUT", `/connectors/${name}/config`, this.#config(name)) : null;
        await this.#strikeAt(point, create);
      }
      await until(`${name} runs`, () => rest.isIn("RUNNING", name, 1), DRAIN_TIMEOUT_MS);
      for (let i = snapshotStrikes; i < strikes; i++) {
        const point = this.#random.next() < 0.75 ? this.#random.pick(streamPoints) : null;
        const restart = () => rest.ask("POST", `/connectors/${name}/restart?includeTasks=true`);
        if (point !== null) await this.#strikeAt(point, failPoints[point].by === "restart" ? restart : null);
        else await this.#strikeFromOutside(name);
      }
    } finally {
      await load.stop();
    }
    this.#changes += load.changes;
    const marker = 2_000_000_000 + round;
    for (const table of this.#writer.tables) {
      await this.#insist(`insert into ${table} values (${marker}, 0, '') on conflict do nothing`);
    }
    const verdicts = [];
    for (const [i, table] of this.#writer.tables.entries()) {
      const topic = topics[i]!;
      const arrived = async () => {
        const events = await readEvents(kafka.bootstrapServers, topic);
        return events.some(({ after, snapshot }) => !snapshot && after?.id === marker);
      };
      await until(`the last change arrives in ${topic}`, arrived, DRAIN_TIMEOUT_MS);
      const replay = replayOf(await readEvents(kafka.bootstrapServers, topic));
      const verdict = { topic, ...replay.compare(await this.#writer.rows(table)), examples: replay.examples };
      verdicts.push(verdict);
      progress(`${topic}: ${verdict.events} events, ${verdict.rows} rows, ${isExact(verdict) ? "exact" : "NOT EXACT"}`);
    }
    await rest.insist("DELETE", `/connectors/${name}`);
    await this.#dropSlot(name);
    return verdicts;
  }

  #config(name: string): Record<string, string> {
    const url = new URL(this.#deps.postgres.url);
    return {
      "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
      "database.hostname": url.hostname,
      "database.port": url.port,
      "database.user": "postgres",
      "database.password": "postgres",
      "database.dbname": url.pathname.slice(1),
      "plugin.name": "pgoutput",
      "topic.prefix": name,
      "slot.name": name,
      "publication.name": name,
      "publication.autocreate.mode": "filtered",
      "table.include.list": "public.accounts,public.visits",
      "column.exclude.list": "public.*.filling",
      "skipped.operations": "none",
      "snapshot.max.threads": "2",
      "millrace.slot.watch.interval.ms": "500",
      "errors.retry.delay.max.ms": "500",
    };
  }

  async #strikeAt(point: FailPoint, begin: (() => Promise<unknown>) | null): Promise<void> {
    const { orders, progress } = this.#deps;
    const count = point.startsWith("cdc.snapshot.rows") || failPoints[point].by === "flow" ? this.#passes() : 1;
    orders.give(point, "kill", count);
    const begun = begin?.().catch(() => {});
    const isHit = async () => orders.hitBy(point) !== null;
    const hit = await until(point, isHit, REACHED_TIMEOUT_MS).then(
      () => true,
      () => false,
    );
    orders.withdraw(point);
    await begun;
    this.#count(hit ? point : `${point} (not reached)`, hit);
    progress(`${this.#struck}: ${point} (pass ${count})${hit ? "" : " was not reached"}`);
  }

  async #strikeFromOutside(name: string): Promise<void> {
    const { postgres: server, service, progress } = this.#deps;
    const what = this.#random.pick(OUTSIDE);
    await sleep(1_000 * this.#random.next());
    if (what === "host") for (const pid of childPids(service.pid)) sendSignal(pid, "SIGKILL");
    if (what === "connections") {
      await this.#insist(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'Millrace CDC'",
      );
    }
    if (what === "Postgres") {
      await server.kill("SIGKILL");
      await server.restart();
    }
    this.#count(what, true);
    progress(`${this.#struck}: ${what} of ${name}`);
  }

  /** With everything else that its last host left. */
  async #dropSlot(name: string): Promise<void> {
    const free = async () => {
      const [row] = await this.#insist(`select active from pg_replication_slots where slot_name = '${name}'`);
      return row?.active !== true;
    };
    await until(`the slot ${name} is free`, free);
    await this.#insist("select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active");
    await this.#insist(`drop publication if exists ${name}`);
  }

  /** Again while the server, or a connection that was cut, is not back: what is run may therefore have been done before. */
  async #insist(statement: string): Promise<postgres.Row[]> {
    let refusal: unknown = null;
    const run = () =>
      this.#deps.sql.unsafe(statement).catch((error: unknown) => {
        refusal = error;
        return null;
      });
    return untilFound(`Postgres runs ${statement}`, run).catch((error: Error) => {
      throw new Error(error.message, { cause: refusal });
    });
  }

  #passes(): number {
    return 1 + Math.floor(this.#random.next() * PASSES_MAX);
  }

  #count(what: string, hit: boolean): void {
    this.#hits.set(what, (this.#hits.get(what) ?? 0) + 1);
    if (hit) this.#struck++;
  }
}
