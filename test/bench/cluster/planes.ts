import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../deploy/dev/probe.mjs";
import { startNats, startPostgres } from "../../../deploy/dev/stack.ts";
import { RestClient } from "../../../deploy/prove/rest-client.ts";
import { type Service, startService } from "../../../deploy/prove/service-process.ts";
import { connectWorkers } from "./connect-workers.ts";
import type { Plane } from "./control-plane.ts";
import { PLAYED_CLASS, PlayedRunner } from "./played-runner.ts";

const GROUP = "control-plane";
const RUNNERS = 10;
const STRINGS = "org.apache.kafka.connect.storage.StringConverter";
const NOTE = "as long as a configuration may be ".repeat(8);

/** A config service, a scheduler and a gateway as processes, ten runners that are played; connectors of two tasks. */
export async function millracePlane(): Promise<Plane> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-bench-control-"));
  mkdirSync(join(dir, "logs"));
  const [nats, postgres] = await Promise.all([
    startNats({ dir: join(dir, "nats") }),
    startPostgres({ dir: join(dir, "postgres") }),
  ]);
  const port = await freePort();
  const processes: Service[] = [];
  for (const name of ["config", "scheduler", "gateway"]) {
    const settings = { ...settingsOf(nats.url, postgres.url), listeners: `http://127.0.0.1:${port}` };
    processes.push(await startService({ name, command: name, settings, dir: join(dir, "logs") }));
  }
  const runners: PlayedRunner[] = [];
  for (let i = 1; i <= RUNNERS; i++)
    runners.push(await PlayedRunner.start(`r-${i}`, { url: nats.url, groupId: GROUP }));
  return {
    label: "millrace",
    rest: new RestClient(`http://127.0.0.1:${port}`),
    processes,
    tasks: 2,
    config: () => ({ "connector.class": PLAYED_CLASS, "tasks.max": "2", note: NOTE }),
    async stop() {
      for (const runner of runners) await runner.stop();
      for (const service of processes.toReversed()) await service.stop();
      await Promise.all([nats.stop(), postgres.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** One worker of Connect, which runs what it takes: sources of files in which nothing is, with a task each. */
export async function connectPlane(peer: { readonly peerHome: string; readonly log4j: string }): Promise<Plane> {
  const set = await connectWorkers({ ...peer, workers: 1 }, {});
  const file = join(set.dir, "nothing.txt");
  writeFileSync(file, "");
  return {
    label: set.label,
    rest: set.restWithout(null),
    processes: set.workers.map(({ pid }) => ({ name: "worker", pid })),
    tasks: 1,
    config: (name) => ({
      "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
      "tasks.max": "1",
      ...{ file, topic: name, note: NOTE },
    }),
    stop: () => set.stop(),
  };
}

function settingsOf(natsUrl: string, databaseUrl: string): Record<string, string> {
  return {
    "group.id": GROUP,
    // Nothing here asks Kafka anything.
    "bootstrap.servers": "127.0.0.1:1",
    "millrace.nats.url": natsUrl,
    "millrace.database.url": databaseUrl,
    "config.storage.topic": "configs",
    "offset.storage.topic": "offsets",
    "status.storage.topic": "statuses",
    "key.converter": STRINGS,
    "value.converter": STRINGS,
  };
}
