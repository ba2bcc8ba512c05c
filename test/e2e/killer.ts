import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster-fixture.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Service } from "./service-process.ts";
import { until, untilFound } from "./until.ts";

/**
 * What can be killed; a frozen runner is stopped in its tracks instead, with its hosts and their open transactions, and comes
 * back as a zombie after the other runner has taken its tasks over.
 */
export const victims = [
  "task host",
  "runner",
  "frozen runner",
  "scheduler leader",
  "config",
  "gateway",
  "NATS",
  "broker",
  "control Postgres",
  "source Postgres",
] as const;
export type Victim = (typeof victims)[number];

/** Data goes on flowing without these (I11): they stay down until it has. */
const controlVictims: ReadonlySet<Victim> = new Set([
  "scheduler leader",
  "config",
  "gateway",
  "NATS",
  "control Postgres",
]);

export interface Kill {
  readonly victim: Victim;
  /** "runner-2, pid 4711". */
  readonly what: string;
  /** Resolves when what was killed runs again, or somebody else does its work. `flowing`: data that came after the kill. */
  restart(flowing: Promise<void>): Promise<void>;
}

const CONTROL_DOWN_MS_MIN = 1_000;
/** Past the session timeout: tasks move to the other runner. */
const RUNNER_LONG_DOWN_MS = 8_000;
const BROKER_DOWN_MS_MAX = 3_000;

/** Victims in seeded order: every one once before any comes again. */
export function planKills(count: number, random: SeededRandom): Victim[] {
  const plan: Victim[] = [];
  while (plan.length < count) plan.push(...random.shuffled(victims));
  return plan.slice(0, count);
}

/** Kills with SIGKILL, or freezes; restarts what does not restart itself. */
export async function kill(victim: Victim, cluster: Cluster, random: SeededRandom): Promise<Kill> {
  switch (victim) {
    case "task host":
      return killHost(cluster, random);
    case "runner": {
      const runner = random.pick(cluster.runners);
      const hosts = cluster.hostPids(runner).length;
      const downMs = random.pick([0, RUNNER_LONG_DOWN_MS]);
      return killService(victim, runner, downMs, `${runner.name} of ${hosts} hosts, down ${downMs} ms`);
    }
    case "frozen runner":
      return freezeRunner(cluster, random);
    case "scheduler leader":
      return killLeader(cluster);
    case "config":
    case "gateway":
      return killService(victim, cluster[victim], CONTROL_DOWN_MS_MIN, victim);
    case "NATS":
      return killService(victim, cluster.nats, CONTROL_DOWN_MS_MIN, victim);
    case "control Postgres":
      return killService(victim, cluster.postgres, CONTROL_DOWN_MS_MIN, victim);
    case "broker":
      return killService(victim, cluster.kafka, Math.floor(random.next() * BROKER_DOWN_MS_MAX), victim);
    case "source Postgres":
      return killService(victim, cluster.source, Math.floor(random.next() * BROKER_DOWN_MS_MAX), victim);
  }
}

async function killService(
  victim: Victim,
  process: Pick<Service, "pid" | "kill" | "restart">,
  downMs: number,
  name: string,
): Promise<Kill> {
  const { pid } = process;
  await process.kill("SIGKILL");
  return {
    victim,
    what: `${name}, pid ${pid}`,
    async restart(flowing) {
      await sleep(downMs);
      if (controlVictims.has(victim)) await flowing;
      await process.restart();
    },
  };
}

async function killHost(cluster: Cluster, random: SeededRandom): Promise<Kill> {
  const hosts = cluster.runners.flatMap((runner) => cluster.hostPids(runner).map((pid) => ({ runner, pid })));
  const { runner, pid } = random.pick(hosts);
  process.kill(pid, "SIGKILL");
  return { victim: "task host", what: `host of ${runner.name}, pid ${pid}`, restart: async () => {} };
}

async function freezeRunner(cluster: Cluster, random: SeededRandom): Promise<Kill> {
  const runner = random.pick(cluster.runners);
  const pids = [runner.pid, ...cluster.hostPids(runner)];
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  return {
    victim: "frozen runner",
    what: `${runner.name}, pids ${pids.join(", ")}`,
    async restart(flowing) {
      await flowing;
      for (const pid of pids) process.kill(pid, "SIGCONT");
    },
  };
}

/** Another scheduler takes over before the killed one comes back. */
async function killLeader(cluster: Cluster): Promise<Kill> {
  const { epoch, scheduler } = await untilFound("a scheduler leads", () => cluster.leader());
  const { pid } = scheduler;
  await scheduler.kill("SIGKILL");
  return {
    victim: "scheduler leader",
    what: `${scheduler.name}, pid ${pid}`,
    async restart(flowing) {
      await flowing;
      const hasSuccessor = async () => ((await cluster.leader())?.epoch ?? 0) > epoch;
      await until(`another scheduler leads after ${scheduler.name} was killed`, hasSuccessor);
      await scheduler.restart();
    },
  };
}
