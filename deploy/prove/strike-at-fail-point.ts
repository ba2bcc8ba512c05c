import { setTimeout as sleep } from "node:timers/promises";
import { type FailPoint, type FailPointPlace, failPoints } from "@millrace/fail-points";
import type { Cluster } from "./cluster.ts";
import type { FailPointOrders } from "./fail-point-orders.ts";
import { brokenMs, freeze, isAlive, type StrikeContext, type Struck, sendSignal } from "./killer.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Service } from "./service-process.ts";
import type { Strike } from "./strikes.ts";

export interface Provocations {
  /** Gives a connector a configuration that differs in nothing that matters: a new generation of its tasks. */
  newConfig(signal: AbortSignal): Promise<void>;
  /** Restarts a connector and its tasks. */
  restart(signal: AbortSignal): Promise<void>;
}

const PROVOKE_AGAIN_MS = 4_000;
const REACHED_TIMEOUT_MS = 12_000;
const POLL_MS = 10;
const TAKING_MS = 100;
const FROZEN_MS_MIN = 500;

/** Orders a death at a fail point, makes a process come by, and waits for it. `isHit`: one came by in time. */
export async function strikeAtFailPoint(
  { point, action, count }: Strike & { kind: "fail point" },
  context: StrikeContext,
  provocations: Provocations,
): Promise<Struck & { readonly isHit: boolean }> {
  const { cluster, random } = context;
  cluster.failPoints.give(point, action, count);
  const over = new AbortController();
  const provoke = () => provokeBy(failPoints[point].by, over.signal, { cluster, random, provocations });
  const hit = await untilHit(cluster.failPoints, point, provoke);
  cluster.failPoints.withdraw(point);
  const pid = hit.pid ?? (await takenLast(cluster.failPoints, point));
  // Only now, and not at the hit: a client that gives up would be another story.
  const settle = async () => {
    over.abort();
    await hit.provoked;
    await revive(cluster);
  };
  if (pid === null) return { isHit: false, what: `${point} was not reached`, mend: async () => {}, settle };
  const owner = ownerOf(pid, cluster);
  const what = `${point} (${action}, pass ${count}): ${owner === null ? "a task host" : owner.name}, pid ${pid}`;
  const strike = action === "kill" ? killed(owner, what, context) : frozen({ pid, owner, what }, context);
  return { isHit: true, ...strike, settle };
}

async function untilHit(
  orders: FailPointOrders,
  point: FailPoint,
  provoke: () => Promise<void>,
): Promise<{ pid: number | null; provoked: Promise<unknown> }> {
  const start = performance.now();
  const provoked: Promise<void>[] = [];
  let provokeAtMs = 0;
  for (;;) {
    const pid = orders.hitBy(point);
    const ms = performance.now() - start;
    if (pid !== null || ms > REACHED_TIMEOUT_MS) return { pid, provoked: Promise.all(provoked) };
    if (ms >= provokeAtMs) {
      provokeAtMs = ms + PROVOKE_AGAIN_MS;
      // What is killed meanwhile does not answer; the next try may find another.
      provoked.push(provoke().catch(() => {}));
    }
    await sleep(POLL_MS);
  }
}

/** Who took an order at the moment in which it was withdrawn. */
async function takenLast(orders: FailPointOrders, point: FailPoint): Promise<number | null> {
  await sleep(TAKING_MS);
  return orders.hitBy(point);
}

async function provokeBy(
  by: FailPointPlace["by"],
  signal: AbortSignal,
  { cluster, random, provocations }: { cluster: Cluster; random: SeededRandom; provocations: Provocations },
): Promise<void> {
  if (by === "new config") await provocations.newConfig(signal);
  else if (by === "restart") await provocations.restart(signal);
  else if (by === "lost host") sendSignal(random.pick(cluster.runners.flatMap(cluster.hostPids)), "SIGKILL");
  else if (by === "lost leader") {
    const lease = await cluster.leader();
    await lease?.scheduler.restart();
  }
}

/** null: a task host, which its runner replaces. */
function ownerOf(pid: number, { configs, gateways, schedulers, runners }: Cluster): Service | null {
  return [...configs, ...gateways, ...schedulers, ...runners].find((service) => service.pid === pid) ?? null;
}

function killed(owner: Service | null, what: string, context: StrikeContext): Struck {
  const downMs = owner === null ? 0 : brokenMs(context);
  return {
    what: owner === null ? what : `${what}, down ${downMs} ms`,
    async mend() {
      await sleep(downMs);
      await revive(context.cluster);
    },
  };
}

/** A host is frozen alone, or with its runner and all that runner runs: then others take its tasks and it comes back as a zombie. */
function frozen(
  { pid, owner, what }: { readonly pid: number; readonly owner: Service | null; readonly what: string },
  context: StrikeContext,
): Struck {
  const { cluster, random } = context;
  const runner = cluster.runners.find((each) => cluster.hostPids(each).includes(pid));
  const frozenMs = FROZEN_MS_MIN + brokenMs(context);
  if (owner === null && runner !== undefined && random.next() < 0.5) {
    return freeze([runner.pid, ...cluster.hostPids(runner)], `${what}, with ${runner.name}`);
  }
  return {
    what: `${what}, for ${frozenMs} ms`,
    async mend() {
      await sleep(frozenMs);
      sendSignal(pid, "SIGCONT");
    },
  };
}

/** Starts every service that does not run: one may have died while it was being started. */
async function revive({ configs, gateways, schedulers, runners }: Cluster): Promise<void> {
  const dead = [...configs, ...gateways, ...schedulers, ...runners].filter(({ pid }) => !isAlive(pid));
  await Promise.all(dead.map((service) => service.restart()));
}
