import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../deploy/dev/probe.mjs";
import { startNats, startPostgres } from "../../../deploy/dev/stack.ts";
import { RestClient } from "../../../deploy/prove/rest-client.ts";
import { type Service, startService } from "../../../deploy/prove/service-process.ts";
import { until } from "../../../deploy/prove/until.ts";
import { PLAYED_CLASS, PlayedRunner } from "./played-runner.ts";
import { percentile } from "./report.ts";

/** With so many connectors there: */
export interface ControlPlanePoint {
  readonly connectors: number;
  /** `POST /connectors`, of those since the point before; one at a time. */
  readonly createP50Ms: number;
  readonly createP95Ms: number;
  /** From the POST of one more until its tasks are RUNNING. */
  readonly runningP50Ms: number;
  readonly runningP95Ms: number;
  /** Processor time of all services for one more. */
  readonly cpuMs: number;
  readonly listMs: number;
  readonly listStatusMs: number;
  readonly listAllMs: number;
  /** Processor time of all services in a second in which nothing happens. */
  readonly idleCpuMs: number;
  readonly rssMb: Readonly<Record<string, number>>;
}

export interface ControlPlaneResult {
  readonly label: string;
  readonly points: readonly ControlPlanePoint[];
}

const GROUP = "control-plane";
const RUNNERS = 10;
const ONE_MORE = 20;
const LISTS = 11;
const IDLE_MS = 3_000;
const POLL_MS = 20;
const STRINGS = "org.apache.kafka.connect.storage.StringConverter";
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

/** A config service, a scheduler and a gateway as processes, ten runners that are played; more and more connectors of two tasks. */
export async function measureControlPlane(
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<ControlPlaneResult> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-bench-control-"));
  mkdirSync(join(dir, "logs"));
  const [nats, postgres] = await Promise.all([
    startNats({ dir: join(dir, "nats") }),
    startPostgres({ dir: join(dir, "postgres") }),
  ]);
  const services: Service[] = [];
  const runners: PlayedRunner[] = [];
  try {
    const port = await freePort();
    for (const name of ["config", "scheduler", "gateway"]) {
      const settings = { ...settingsOf(nats.url, postgres.url), listeners: `http://127.0.0.1:${port}` };
      services.push(await startService({ name, command: name, settings, dir: join(dir, "logs") }));
    }
    for (let i = 1; i <= RUNNERS; i++)
      runners.push(await PlayedRunner.start(`r-${i}`, { url: nats.url, groupId: GROUP }));
    const plane = new Plane(new RestClient(`http://127.0.0.1:${port}`), services);
    const points: ControlPlanePoint[] = [];
    for (const size of sizes) {
      const point = await plane.point(size);
      points.push(point);
      say(JSON.stringify(point));
    }
    return { label: "millrace", points };
  } finally {
    for (const runner of runners) await runner.stop();
    for (const service of services.reverse()) await service.stop();
    await Promise.all([nats.stop(), postgres.stop()]);
    rmSync(dir, { recursive: true, force: true });
  }
}

class Plane {
  readonly #rest: RestClient;
  readonly #services: readonly Service[];
  #count = 0;

  constructor(rest: RestClient, services: readonly Service[]) {
    this.#rest = rest;
    this.#services = services;
  }

  async point(size: number): Promise<ControlPlanePoint> {
    const creates: number[] = [];
    while (this.#count < size - ONE_MORE) creates.push(await this.#create());
    await until("all run", () => this.#allRun());
    const cpuBeforeMs = this.#cpuMs();
    const startedMs = performance.now();
    const running: number[] = [];
    for (let i = 0; i < ONE_MORE; i++) {
      const startMs = performance.now();
      creates.push(await this.#create());
      await this.#runs(nameOf(this.#count - 1));
      running.push(performance.now() - startMs);
    }
    const tookMs = performance.now() - startedMs;
    const spentMs = this.#cpuMs() - cpuBeforeMs;
    const idleCpuMs = await this.#idle();
    const [listMs, listStatusMs, listAllMs] = [
      await this.#list("/connectors"),
      await this.#list("/connectors?expand=status"),
      await this.#list("/connectors?expand=status&expand=info"),
    ];
    this.#rest.answers.length = 0;
    return {
      connectors: this.#count,
      createP50Ms: percentile(creates, 0.5),
      createP95Ms: percentile(creates, 0.95),
      runningP50Ms: percentile(running, 0.5),
      runningP95Ms: percentile(running, 0.95),
      // What goes on anyway is not for the new ones.
      cpuMs: Math.max(0, spentMs - (idleCpuMs * tookMs) / 1_000) / ONE_MORE,
      ...{ listMs, listStatusMs, listAllMs, idleCpuMs },
      rssMb: Object.fromEntries(
        this.#services.map(({ name, pid }) => [name, Math.round(statOf(pid).rssBytes / 2 ** 20)]),
      ),
    };
  }

  async #create(): Promise<number> {
    const name = nameOf(this.#count);
    const config = {
      "connector.class": PLAYED_CLASS,
      "tasks.max": "2",
      note: "as long as a configuration may be ".repeat(8),
    };
    const startMs = performance.now();
    const { status, text } = await this.#rest.ask("POST", "/connectors", { name, config });
    if (status !== 201) throw new Error(`POST of ${name}: ${status} ${text}`);
    this.#count += 1;
    return performance.now() - startMs;
  }

  async #runs(name: string): Promise<void> {
    while (!(await this.#rest.isIn("RUNNING", name, 2))) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }

  async #allRun(): Promise<boolean> {
    const { body } = await this.#rest.ask("GET", "/connectors?expand=status");
    const connectors = Object.values(body as Record<string, { status: { tasks: { state: string }[] } }>);
    if (connectors.length !== this.#count) return false;
    return connectors.every(
      ({ status }) => status.tasks.length === 2 && status.tasks.every(({ state }) => state === "RUNNING"),
    );
  }

  async #list(path: string): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < LISTS; i++) {
      const startMs = performance.now();
      await this.#rest.ask("GET", path);
      times.push(performance.now() - startMs);
    }
    return percentile(times, 0.5);
  }

  async #idle(): Promise<number> {
    const beforeMs = this.#cpuMs();
    const startMs = performance.now();
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    return ((this.#cpuMs() - beforeMs) / (performance.now() - startMs)) * 1_000;
  }

  #cpuMs(): number {
    return this.#services.reduce((sum, { pid }) => sum + statOf(pid).cpuMs, 0);
  }
}

const nameOf = (i: number): string => `connector-${String(i).padStart(5, "0")}`;

function statOf(pid: number): { readonly cpuMs: number; readonly rssBytes: number } {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND,
    rssBytes: Number(fields[21]) * PAGE_BYTES,
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
