import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkoutDir } from "../setup/places.mjs";
import { startPostgres, startStack } from "../stack.ts";
import { compareRows, isSame, renderComparison, type TableComparison } from "./compare-copies.ts";
import { COLUMNS, Copies, type Counts } from "./copies.ts";
import { createConnector } from "./create-connector.ts";
import { fullConnectors, slotOf, topicOf } from "./full-connectors.ts";
import { HostKiller } from "./host-killer.ts";
import { Parcels } from "./parcels.ts";
import { setScene } from "./scene.ts";
import { Shop } from "./shop.ts";
import { startMillrace } from "./start-millrace.ts";

export interface FullDemoOptions {
  /** Of the three tables that are polled; a tenth as many changes of the one that is captured. */
  readonly rows: number;
}

const WRITE_MS = 20_000;
const DRAIN_MS_MAX = 180_000;
const VIEW_MS = 2000;
const USER = "shop";
const PASSWORD = "correct horse battery staple";

/** Polled tables and a captured one → Kafka → Elasticsearch and another Postgres, compared at the end. @returns the exit code. */
export async function runFullDemo({ rows }: FullDemoOptions): Promise<number> {
  const say = (line = "") => process.stdout.write(`${line}\n`);
  const scene = setScene();
  try {
    await setUpElasticsearch();
    const startMs = performance.now();
    say("Starting Kafka, Elasticsearch and two Postgres …");
    const stack = await startStack({ kafka: true, postgres: true, elasticsearch: true });
    scene.onEnd(() => stack.stop());
    const copyDir = mkdtempSync(join(tmpdir(), "millrace-demo-copy-"));
    // Started by root, Postgres runs as another user, who must be able to walk through.
    chmodSync(copyDir, 0o711);
    scene.onEnd(() => rmSync(copyDir, { recursive: true, force: true }));
    const other = await startPostgres({ dir: copyDir });
    scene.onEnd(() => other.stop());
    say(`  up after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    const [source, elasticsearch] = [stack.env.DATABASE_URL!, stack.env.ELASTICSEARCH_URL!];
    const bootstrapServers = stack.env.KAFKA_BOOTSTRAP_SERVERS!;
    const shop = new Shop(source);
    const run = `demo-${process.pid}`;
    const parcels = new Parcels(source, slotOf(run));
    const copies = new Copies({ source, copy: other.url, elasticsearch, topicOf: (table) => topicOf(run, table) });
    scene.onEnd(async () => void (await Promise.all([shop.close(), parcels.close(), copies.close()])));
    await shop.create({ user: USER, password: PASSWORD });
    await parcels.create();

    say("Starting Millrace standalone …");
    const logFile = join(scene.dir, "millrace.log");
    const { base, hub } = await startMillrace({
      dir: scene.dir,
      logFile,
      bootstrapServers,
      secrets: { "postgres/username": USER, "postgres/password": PASSWORD },
      settings: { "offset.flush.interval.ms": "1000" },
      onStop: scene.onEnd,
    });
    say(`  Console   ${base}/ui/`);
    say(`  REST API  ${base}    Elasticsearch  ${elasticsearch}    the other Postgres  ${other.url}`);
    for (const [name, config] of Object.entries(fullConnectors({ source, copy: other.url, elasticsearch, run }))) {
      await createConnector(base, name, config);
      say(`  connector ${name}`);
    }
    const changes = Math.ceil(rows / 10);
    const numbers = [rows, changes].map((number) => number.toLocaleString("en-US"));
    say(`Writing ${numbers[0]} rows and ${numbers[1]} changes; killing a task host twice on the way.\n`);

    const killer = new HostKiller(hub.connect("demo"));
    let told = 0;
    const show = async () => {
      say(progress((performance.now() - startMs) / 1000, await copies.counts()));
      for (const event of killer.events.slice(told)) say(`            ${event}`);
      told = killer.events.length;
    };
    const view = setInterval(() => void show().catch(() => {}), VIEW_MS);
    scene.onEnd(() => clearInterval(view));
    await Promise.all([
      shop.write(rows, WRITE_MS),
      parcels.write(changes, WRITE_MS),
      killer.run([() => shop.total > rows / 3, () => shop.total > (rows * 2) / 3]),
    ]);
    const compared = await untilSame(copies);
    clearInterval(view);
    say("\nRows of the shop's Postgres against their copies:\n");
    for (const line of renderComparison(compared)) say(line);
    if (killer.killed < 2) say("  The task hosts were not killed twice: the run proves less than it should.");
    await scene.end();
    return compared.every(isWhole) && killer.killed === 2 ? 0 : 1;
  } catch (error) {
    await scene.end();
    throw error;
  }
}

/** The plain demo does without: it is the largest part of all. */
function setUpElasticsearch(): Promise<void> {
  const script = join(checkoutDir, "deploy/dev/setup.mjs");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, "--only", "elasticsearch"], { stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error("Elasticsearch could not be set up"))));
  });
}

/** Compares until everything is the same, or too much time has passed. */
async function untilSame(copies: Copies): Promise<TableComparison[]> {
  const deadlineMs = performance.now() + DRAIN_MS_MAX;
  for (;;) {
    const counts = await copies.counts();
    const late = performance.now() > deadlineMs;
    if (late || counts.every(({ rows, documents, copies: found }) => rows === documents && rows === found)) {
      const compared = await Promise.all(Object.keys(COLUMNS).map((table) => compareTable(copies, table)));
      if (late || compared.every(isWhole)) return compared;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function compareTable(copies: Copies, table: string): Promise<TableComparison> {
  const [rows, documents, copied] = await Promise.all([
    copies.rows(table),
    copies.documents(table),
    copies.copies(table),
  ]);
  return { table, rows: rows.size, documents: compareRows(rows, documents), copies: compareRows(rows, copied) };
}

const isWhole = ({ documents, copies }: TableComparison): boolean => isSame(documents) && isSame(copies);

function progress(seconds: number, counts: readonly Counts[]): string {
  const tables = counts.map(({ table, rows, documents, copies }) => `${table} ${rows} → ${documents}, ${copies}`);
  return `${seconds.toFixed(1).padStart(6)} s  rows → documents, copies:  ${tables.join("   ")}`;
}
