import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemaName } from "@millrace/postgres";
import { FAIL_POINTS } from "@millrace/service";
import postgres from "postgres";
import { freePort } from "../dev/probe.mjs";
import { type KafkaServer, type NatsServer, type PostgresServer, startNats, startPostgres } from "../dev/stack.ts";
import { childPids } from "./child-pids.ts";
import { FailPointOrders } from "./fail-point-orders.ts";
import type { Link } from "./link.ts";
import { openLinks, startLinkedKafka } from "./links.ts";
import { RestClient } from "./rest-client.ts";
import { type Service, startService } from "./service-process.ts";

export interface ClusterOptions {
  readonly groupId: string;
  readonly runners: number;
  readonly schedulers: number;
  readonly configs: number;
  readonly gateways: number;
  readonly hostsPerRunner: number;
}

export interface Lease {
  readonly epoch: number;
  readonly scheduler: Service;
}

/**
 * Millrace as in production, each service a process, on servers of its own: everything in it can be killed, every link between
 * a service and a server cut. What asks or measures goes past the links.
 */
export interface Cluster {
  readonly dir: string;
  readonly kafka: KafkaServer;
  readonly nats: NatsServer;
  /** Of the control plane. */
  readonly postgres: PostgresServer;
  /** Of the rows that connectors read. */
  readonly source: PostgresServer;
  /** As connectors reach it, through its link. */
  readonly sourceUrl: string;
  readonly configs: readonly Service[];
  readonly gateways: readonly Service[];
  readonly schedulers: readonly Service[];
  readonly runners: readonly Service[];
  readonly links: readonly Link[];
  readonly failPoints: FailPointOrders;
  readonly rest: RestClient;
  workerIdOf(runner: Service): string;
  /** Starts another process with a runner's worker id, behind the same links. */
  twin(runner: Service): Promise<Service>;
  /** Process ids of a runner's task hosts. */
  hostPids(runner: Service): number[];
  /** Who leads, by the lease row and that scheduler's log; null while nobody does, or the database is away. */
  leader(): Promise<Lease | null>;
  /** The end of every log, for a failed run. */
  logTails(lines: number): string;
  stop(options?: { readonly keepFiles?: boolean }): Promise<void>;
}

/** From the build as it is: whoever runs the sources brings it up to date first. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-proof-"));
  // Postgres may run as another user, who must be able to walk through.
  chmodSync(dir, 0o711);
  const logs = join(dir, "logs");
  mkdirSync(logs);
  const failPoints = new FailPointOrders(join(dir, "fail-points"));
  const names = {
    runners: numbered("runner", options.runners),
    schedulers: numbered("scheduler", options.schedulers),
    configs: numbered("config", options.configs),
    gateways: numbered("gateway", options.gateways),
  };
  const [{ kafka, links: kafkaLinks }, nats, control, source] = await Promise.all([
    startLinkedKafka(join(dir, "kafka"), names.runners),
    startNats({ dir: join(dir, "nats") }),
    startPostgres({ dir: join(dir, "control") }),
    startPostgres({ dir: join(dir, "source") }),
  ]);
  const links = await openLinks(names, kafkaLinks, { nats: nats.url, control: control.url, source: source.url });
  const env = { [FAIL_POINTS]: failPoints.folder };
  const start = (name: string, own: Record<string, string> = {}, as = name) => {
    const settings = { ...settingsOf(options.groupId, kafka), ...links.settingsOf(as), ...own };
    return startService({ name, command: name.replace(/-\d+$/, ""), settings, dir: logs, env });
  };
  const ports = await Promise.all(names.gateways.map(() => freePort()));
  const basePort = await freePort();
  // One after the other: each makes or finds the tables.
  const configs: Service[] = [];
  for (const name of names.configs) configs.push(await start(name));
  const [gateways, schedulers, runners] = await Promise.all([
    Promise.all(names.gateways.map((name, i) => start(name, { listeners: `http://127.0.0.1:${ports[i]}` }))),
    Promise.all(names.schedulers.map((name) => start(name))),
    Promise.all(
      names.runners.map((name, i) =>
        start(name, {
          "millrace.worker.id": `127.0.0.1:${basePort + i}`,
          "millrace.task.hosts": String(options.hostsPerRunner),
        }),
      ),
    ),
  ]);
  const workerIdOf = (runner: Service) => `127.0.0.1:${basePort + runners.indexOf(runner)}`;
  const twins: Service[] = [];
  const twin = async (runner: Service) => {
    const name = `runner-${runners.length + twins.length + 1}`;
    const service = await start(name, { "millrace.worker.id": workerIdOf(runner) }, runner.name);
    twins.push(service);
    return service;
  };
  const services = [...gateways, ...runners, ...schedulers, ...configs];
  return {
    ...{ dir, kafka, nats, postgres: control, source, sourceUrl: links.sourceUrl },
    ...{ configs, gateways, schedulers, runners, links: links.all, failPoints },
    rest: new RestClient(...ports.map((port) => `http://127.0.0.1:${port}`)),
    workerIdOf,
    twin,
    hostPids: (runner) => childPids(runner.pid),
    leader: () => findLeader(control.url, options.groupId, schedulers),
    logTails: (lines) => logTails(logs, lines),
    async stop({ keepFiles = false } = {}) {
      for (const service of [...twins, ...services]) await service.stop();
      for (const link of links.all) link.close();
      await Promise.all([kafka, nats, control, source].map((server) => server.stop()));
      if (!keepFiles) rmSync(dir, { recursive: true, force: true });
    },
  };
}

function numbered(name: string, many: number): string[] {
  return Array.from({ length: many }, (_, i) => `${name}-${i + 1}`);
}

function settingsOf(groupId: string, kafka: KafkaServer): Record<string, string> {
  return {
    "group.id": groupId,
    "bootstrap.servers": kafka.bootstrapServers,
    "config.storage.topic": `${groupId}-configs`,
    "offset.storage.topic": `${groupId}-offsets`,
    "status.storage.topic": `${groupId}-status`,
    "offset.storage.replication.factor": "1",
    "exactly.once.source.support": "enabled",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
  };
}

async function findLeader(url: string, groupId: string, schedulers: readonly Service[]): Promise<Lease | null> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
  try {
    const rows = await sql<{ epoch: string }[]>`
      select epoch from ${sql(schemaName(groupId))}.scheduler_lease where expires_at > now()`;
    const epoch = Number(rows[0]?.epoch ?? 0);
    const scheduler = schedulers.find(({ logFile }) => hasLed(logFile, epoch));
    return scheduler === undefined ? null : { epoch, scheduler };
  } catch {
    return null;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function hasLed(logFile: string, epoch: number): boolean {
  return readFileSync(logFile, "utf8")
    .split("\n")
    .some((line) => {
      return line.includes("This scheduler leads") && line.includes(`"epoch":${epoch},`);
    });
}

function logTails(dir: string, lines: number): string {
  return readdirSync(dir)
    .map(
      (name) => `── ${name}\n${readFileSync(join(dir, name), "utf8").trimEnd().split("\n").slice(-lines).join("\n")}`,
    )
    .join("\n");
}
