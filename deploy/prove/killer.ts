import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Service } from "./service-process.ts";
import type { Victim } from "./strikes.ts";
import { until, untilFound } from "./until.ts";

/** What a strike has done, and how it is undone. */
export interface Struck {
  /** "runner-2, pid 4711". */
  readonly what: string;
  /** Resolves when what was hit runs again, or somebody else does its work. `flowing`: data that came after the strike. */
  mend(flowing: Promise<void>): Promise<void>;
  /** After all that: resolves when nothing is left of what led to the strike. */
  settle?(): Promise<void>;
}

export interface StrikeContext {
  readonly cluster: Cluster;
  readonly random: SeededRandom;
  readonly brisk: boolean;
}

/** How long something stays broken: a moment, a while, or past sessions and leases. */
export function brokenMs({ random, brisk }: StrikeContext): number {
  return random.pick(brisk ? [0, 1_000] : [0, 1_000, RUNNER_LONG_DOWN_MS]);
}

const CONTROL_DOWN_MS_MIN = 1_000;
/** Past the session timeout: tasks move to other runners. */
const RUNNER_LONG_DOWN_MS = 8_000;
const BROKER_DOWN_MS_MAX = 3_000;

/** Kills with SIGKILL, or freezes; what does not restart itself is started again by `mend`. */
export async function kill(victim: Victim, context: StrikeContext): Promise<Struck> {
  const { cluster, random } = context;
  switch (victim) {
    case "task host":
      return killHost(cluster, random);
    case "runner": {
      const runner = random.pick(cluster.runners);
      const hosts = cluster.hostPids(runner).length;
      const downMs = brokenMs(context);
      return killServer(runner, `${runner.name} of ${hosts} hosts, down ${downMs} ms`, { downMs, isControl: false });
    }
    case "frozen runner": {
      const runner = random.pick(cluster.runners);
      return freeze([runner.pid, ...cluster.hostPids(runner)], runner.name);
    }
    case "scheduler leader":
      return killLeader(cluster);
    case "frozen leader":
      return freezeLeader(cluster);
    case "config":
    case "gateway": {
      const service = random.pick(victim === "config" ? cluster.configs : cluster.gateways);
      return killServer(service, service.name, CONTROL);
    }
    case "NATS":
      return killServer(cluster.nats, victim, CONTROL);
    case "control Postgres":
      return killServer(cluster.postgres, victim, CONTROL);
    case "broker":
      return killServer(cluster.kafka, victim, { downMs: downOf(random), isControl: false });
    case "source Postgres":
      return killServer(cluster.source, victim, { downMs: downOf(random), isControl: false });
  }
}

/** Data goes on flowing without the control plane (I11): it stays down until it has. */
const CONTROL = { downMs: CONTROL_DOWN_MS_MIN, isControl: true };

const downOf = (random: SeededRandom): number => Math.floor(random.next() * BROKER_DOWN_MS_MAX);

async function killServer(
  server: Pick<Service, "pid" | "kill" | "restart">,
  name: string,
  { downMs, isControl }: { readonly downMs: number; readonly isControl: boolean },
): Promise<Struck> {
  const { pid } = server;
  await server.kill("SIGKILL");
  return {
    what: `${name}, pid ${pid}`,
    async mend(flowing) {
      await sleep(downMs);
      if (isControl) await flowing;
      await server.restart();
    },
  };
}

async function killHost(cluster: Cluster, random: SeededRandom): Promise<Struck> {
  const hosts = cluster.runners.flatMap((runner) => cluster.hostPids(runner).map((pid) => ({ runner, pid })));
  const { runner, pid } = random.pick(hosts);
  sendSignal(pid, "SIGKILL");
  return { what: `host of ${runner.name}, pid ${pid}`, mend: async () => {} };
}

/** Stops processes in their tracks; they go on once data flows without them. */
export function freeze(pids: readonly number[], name: string): Struck {
  for (const pid of pids) sendSignal(pid, "SIGSTOP");
  return {
    what: `${name}, pids ${pids.join(", ")}`,
    async mend(flowing) {
      await flowing.finally(() => {
        for (const pid of pids) sendSignal(pid, "SIGCONT");
      });
    },
  };
}

/** Another scheduler takes over before the killed one comes back. */
async function killLeader(cluster: Cluster): Promise<Struck> {
  const { epoch, scheduler } = await untilFound("a scheduler leads", () => cluster.leader());
  const { pid } = scheduler;
  await scheduler.kill("SIGKILL");
  return {
    what: `${scheduler.name}, pid ${pid}`,
    async mend(flowing) {
      await flowing;
      await untilSucceeded(cluster, epoch, scheduler);
      await scheduler.restart();
    },
  };
}

/** It goes on, as if it led, while another does. */
async function freezeLeader(cluster: Cluster): Promise<Struck> {
  const { epoch, scheduler } = await untilFound("a scheduler leads", () => cluster.leader());
  const { pid } = scheduler;
  sendSignal(pid, "SIGSTOP");
  return {
    what: `${scheduler.name}, pid ${pid}`,
    async mend(flowing) {
      await flowing;
      await untilSucceeded(cluster, epoch, scheduler);
      sendSignal(pid, "SIGCONT");
    },
  };
}

async function untilSucceeded(cluster: Cluster, epoch: number, { name }: Service): Promise<void> {
  const hasSuccessor = async () => ((await cluster.leader())?.epoch ?? 0) > epoch;
  await until(`another scheduler leads instead of ${name}`, hasSuccessor);
}

/** A process that has ended meanwhile gets none. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
