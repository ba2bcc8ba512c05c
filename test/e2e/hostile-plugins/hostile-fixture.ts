import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import type { ConnectorStatus, RestClient } from "../../../deploy/prove/rest-client.ts";
import { readCommitted } from "../../../deploy/prove/topic-reader.ts";
import { until } from "../../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "../standalone-fixture.ts";

/** Every 10 ms, as a neighbour does: its own gaps are the machine's. */
const TICKER = `
const fs = require("node:fs");
setInterval(() => fs.appendFileSync(process.argv[1], Date.now() + "\\n"), 10);
`;

/** A standalone Millrace with hostile plugins, one shared host, and neighbours that tell of every interruption. */
export class HostileFixture extends StandaloneFixture {
  rest!: RestClient;
  #servers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
  #ticker: ChildProcess | null = null;

  async open(properties: Readonly<Record<string, string>>): Promise<void> {
    this.write(
      "plugins/hostile/package.json",
      JSON.stringify({ name: "hostile", type: "module", millrace: "./plugin.mjs" }),
    );
    copyFileSync(join(import.meta.dirname, "plugin.mjs"), join(this.dir, "plugins/hostile/plugin.mjs"));
    const { rest } = await this.start({
      properties: {
        "bootstrap.servers": this.#servers,
        "plugin.path": join(this.dir, "plugins"),
        "offset.storage.topic": `${this.run}-offsets`,
        "offset.storage.replication.factor": "1",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        "millrace.task.hosts": "1",
        ...properties,
      },
    });
    this.rest = rest;
    this.#ticker = spawn(process.execPath, ["-e", TICKER, this.#ticks("machine")], { stdio: "ignore" });
  }

  async put(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const answer = await this.rest.ask("PUT", `/connectors/${name}/config`, {
      topic: `${this.run}-records`,
      ...config,
    });
    if (answer.status !== 201) throw new Error(`${name}: ${answer.status} ${answer.text}`);
  }

  /** What sinks read: there before they ask for it, or they would learn of it minutes later. */
  async records(): Promise<void> {
    let records = 0;
    const read = () => readCommitted(this.#servers, [`${this.run}-records`], () => void records++).catch(() => {});
    await until("there are records", async () => {
      await read();
      return records > 0;
    });
  }

  /** A source that is polled a hundred times a second, in a shared host unless `isolation` says otherwise. */
  async neighbour(name: string, isolation = "shared"): Promise<void> {
    await this.put(name, {
      "connector.class": "hostile.Neighbour",
      "task.isolation": isolation,
      "ticks.file": this.#ticks(name),
    });
    await until(`${name} is polled`, () => this.#times(name).length > 20);
  }

  delete(name: string): Promise<unknown> {
    return this.rest.insist("DELETE", `/connectors/${name}`);
  }

  /** The longest time without a poll since `sinceMs`, what the machine itself stood still in that time left out. */
  gapMs(name: string, sinceMs: number): number {
    const untilMs = Date.now();
    return Math.max(
      0,
      longestGap(this.#times(name), sinceMs, untilMs) - longestGap(this.#times("machine"), sinceMs, untilMs),
    );
  }

  /** Waits until the connector's status is as wanted, and returns it. */
  async status(
    name: string,
    wanted: (status: ConnectorStatus) => boolean,
    timeoutMs = 30_000,
  ): Promise<ConnectorStatus> {
    let status: ConnectorStatus | null = null;
    const isWanted = async () => {
      status = await this.rest.status(name);
      return status !== null && wanted(status);
    };
    await until(`the status of ${name}`, isWanted, timeoutMs).catch((error) => {
      throw new Error(`${String(error)}: ${JSON.stringify(status)}`);
    });
    return status!;
  }

  override async close(): Promise<void> {
    this.#ticker?.kill("SIGKILL");
    await super.close();
  }

  #ticks(name: string): string {
    return join(this.dir, `${name}.ticks`);
  }

  #times(name: string): number[] {
    try {
      return readFileSync(this.#ticks(name), "utf8").split("\n").filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }
}

/** How much longer things take on a machine with more to do than it has processors. */
export function slowness(): number {
  return Math.max(1, loadavg()[0]! / availableParallelism());
}

function longestGap(timesMs: readonly number[], sinceMs: number, untilMs: number): number {
  const before = timesMs.findLast((timeMs) => timeMs <= sinceMs) ?? sinceMs;
  const points = [before, ...timesMs.filter((timeMs) => timeMs > sinceMs && timeMs <= untilMs), untilMs];
  return points.reduce((longest, timeMs, i) => Math.max(longest, i === 0 ? 0 : timeMs - points[i - 1]!), 0);
}
