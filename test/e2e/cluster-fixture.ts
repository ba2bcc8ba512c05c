import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemaName } from "@millrace/postgres";
import postgres from "postgres";
import { refresh } from "../../deploy/dev/bundle.mjs";
import { freePort } from "../../deploy/dev/probe.mjs";
import {
  type KafkaServer,
  type NatsServer,
  type PostgresServer,
  startKafka,
  startNats,
  startPostgres,
} from "../../deploy/dev/stack.ts";
import { childPids } from "./child-pids.ts";
import { RestClient } from "./rest-client.ts";
import { type Service, startService } from "./service-process.ts";

export interface ClusterOptions {
  readonly groupId: string;
  readonly runners: number;
  readonly schedulers: number;
  readonly hostsPerRunner: number;
}

export interface Lease {
  readonly epoch: number;
  readonly scheduler: Service;
}

/** Millrace as in production, each service a process, on servers of its own: everything in it can be killed. */
export interface Cluster {
  readonly dir: string;
  readonly kafka: KafkaServer;
  readonly nats: NatsServer;
  /** Of the control plane. */
  readonly postgres: PostgresServer;
  /** Of the rows that connectors read. */
  readonly source: PostgresServer;
  readonly config: Service;
  readonly gateway: Service;
  readonly schedulers: readonly Service[];
  readonly runners: readonly Service[];
  readonly rest: RestClient;
  /** Process ids of a runner's task hosts. */
  hostPids(runner: Service): number[];
  /** Who leads, by the lease row and that scheduler's log; null while nobody does, or the database is away. */
  leader(): Promise<Lease | null>;
  /** The end of every log, for a failed run. */
  logTails(lines: number): string;
  stop(options?: { readonly keepFiles?: boolean }): Promise<void>;
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-e2e-"));
  // Postgres may run as another user, who must be able to walk through.
  chmodSync(dir, 0o711);
  const logs = join(dir, "logs");
  mkdirSync(logs);
  await refresh((text: string) => console.error(text));
  const [kafka, nats, control, source] = await Promise.all([
    startKafka({ dir: join(dir, "kafka") }),
    startNats({ dir: join(dir, "nats") }),
    startPostgres({ dir: join(dir, "control") }),
    startPostgres({ dir: join(dir, "source") }),
  ]);
  const settings = settingsOf(options.groupId, { kafka, nats, control });
  const gatewayPort = await freePort();
  const start = (name: string, command: string, own: Record<string, string> = {}) =>
    startService({ name, command, settings: { ...settings, ...own }, dir: logs });
  const numbered = (many: number) => Array.from({ length: many }, (_, i) => i + 1);
  const config = await start("config", "config");
  const [gateway, schedulers, runners] = await Promise.all([
    start("gateway", "gateway", { listeners: `http://127.0.0.1:${gatewayPort}` }),
    Promise.all(numbered(options.schedulers).map((n) => start(`scheduler-${n}`, "scheduler"))),
    Promise.all(
      numbered(options.runners).map((n) =>
        start(`runner-${n}`, "runner", {
          "millrace.worker.id": `127.0.0.1:${gatewayPort + n}`,
          "millrace.task.hosts": String(options.hostsPerRunner),
        }),
      ),
    ),
  ]);
  const services = [gateway, ...runners, ...schedulers, config];
  return {
    ...{ dir, kafka, nats, postgres: control, source, config, gateway, schedulers, runners },
    rest: new RestClient(`http://127.0.0.1:${gatewayPort}`),
    hostPids: (runner) => childPids(runner.pid),
    leader: () => findLeader(control.url, options.groupId, schedulers),
    logTails: (lines) => logTails(logs, lines),
    async stop({ keepFiles = false } = {}) {
      for (const service of services) await service.stop();
      await Promise.all([kafka, nats, control, source].map((server) => server.stop()));
      if (!keepFiles) rmSync(dir, { recursive: true, force: true });
    },
  };
}

function settingsOf(
  groupId: string,
  servers: { kafka: KafkaServer; nats: NatsServer; control: PostgresServer },
): Record<string, string> {
  return {
    "group.id": groupId,
    "bootstrap.servers": servers.kafka.bootstrapServers,
    "millrace.nats.url": servers.nats.url,
    "millrace.database.url": servers.control.url,
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
