import { readFileSync } from "node:fs";
import type { RestClient } from "../../../deploy/prove/rest-client.ts";
import { until } from "../../../deploy/prove/until.ts";
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

const ONE_MORE = 20;
const LISTS = 11;
/** Long enough for what the leader does every ten seconds. */
const IDLE_MS = 10_000;
const POLL_MS = 20;
/** A worker of Connect starts one task after the other. */
const ALL_RUN_TIMEOUT_MS = 600_000;
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

/** Something that takes connectors over REST, and the processes that this costs. */
export interface Plane {
  readonly label: string;
  readonly rest: RestClient;
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  /** Tasks of a connector. */
  readonly tasks: number;
  /** Of a connector with this name. */
  config(name: string): Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** More and more connectors, and what one more costs at each of the sizes. */
export async function measureControlPlane(
  starting: Promise<Plane>,
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<ControlPlaneResult> {
  const plane = await starting;
  try {
    const measuring = new Measuring(plane);
    const points: ControlPlanePoint[] = [];
    for (const size of sizes) {
      const point = await measuring.point(size);
      points.push(point);
      say(JSON.stringify(point));
    }
    return { label: plane.label, points };
  } finally {
    await plane.stop();
  }
}

class Measuring {
  readonly #plane: Plane;
  readonly #rest: RestClient;
  #count = 0;

  constructor(plane: Plane) {
    this.#plane = plane;
    this.#rest = plane.rest;
  }

  async point(size: number): Promise<ControlPlanePoint> {
    const creates: number[] = [];
    while (this.#count < size - ONE_MORE) creates.push(await this.#create());
    await until("all run", () => this.#allRun(), ALL_RUN_TIMEOUT_MS);
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
        this.#plane.processes.map(({ name, pid }) => [name, Math.round(statOf(pid).rssBytes / 2 ** 20)]),
      ),
    };
  }

  async #create(): Promise<number> {
    const name = nameOf(this.#count);
    const body = { name, config: this.#plane.config(name) };
    const startMs = performance.now();
    for (let done = false; !done; ) {
      const { status, text } = await this.#rest.ask("POST", "/connectors", body);
      done = status === 201;
      // A worker of Connect that rebalances asks for patience.
      if (status === 409) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      else if (!done) throw new Error(`POST of ${name}: ${status} ${text}`);
    }
    this.#count += 1;
    return performance.now() - startMs;
  }

  async #runs(name: string): Promise<void> {
    while (!(await this.#rest.isIn("RUNNING", name, this.#plane.tasks)))
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }

  async #allRun(): Promise<boolean> {
    const { status: code, body } = await this.#rest.ask("GET", "/connectors?expand=status");
    if (code !== 200) return false;
    const connectors = Object.values(body as Record<string, { status: { tasks: { state: string }[] } }>);
    if (connectors.length !== this.#count) return false;
    return connectors.every(
      ({ status }) =>
        status.tasks.length === this.#plane.tasks && status.tasks.every(({ state }) => state === "RUNNING"),
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
    return this.#plane.processes.reduce((sum, { pid }) => sum + statOf(pid).cpuMs, 0);
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
