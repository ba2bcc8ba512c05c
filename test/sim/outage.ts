import type { Verdict } from "./verdict.ts";
import type { World } from "./world.ts";

const CHECKER = "data flows without control (I11)";
/** Until every task runs, when nothing is wrong. */
const START_MAX_MS = 15_000;
const LOOK_INTERVAL_MS = 100;
/** Longer than leases and sessions, and than any source takes for its next numbers. */
const OUTAGE_MS = 8_000;

/** Nobody hears a scheduler or a config service for a while; every task that runs goes on, and its data with it (I11). */
export async function outage(world: World, verdict: Verdict): Promise<void> {
  const { timeline, machines, network } = world;
  await allRun(world);
  const control = machines.filter(({ name }) => !name.startsWith("runner")).map(({ name }) => name);
  const heal = control.flatMap((name) => [network.cut(name, "*"), network.cut("*", name)]);
  world.say("outage", "nobody hears a scheduler or a config service");
  const before = positions(world);
  await timeline.sleep(OUTAGE_MS);
  const after = positions(world);
  for (const [partition, { visible, total }] of before) {
    if (visible < total && after.get(partition)!.visible === visible) {
      verdict.fail(CHECKER, `${partition} stood at ${visible} of ${total} for ${OUTAGE_MS} ms without control`);
    }
  }
  world.say("outage", "is over");
  for (const each of heal) each();
}

/** Something of every source partition is visible. */
async function allRun(world: World): Promise<void> {
  const { timeline } = world;
  const untilMs = timeline.nowMs + START_MAX_MS;
  const stands = () => [...positions(world).values()].some(({ visible }) => visible === 0);
  while (timeline.nowMs < untilMs && stands()) await timeline.sleep(LOOK_INTERVAL_MS);
}

function positions({ profile, checkers }: World): Map<string, { readonly visible: number; readonly total: number }> {
  const all = new Map<string, { visible: number; total: number }>();
  for (const { name, partitions, total } of profile.sources) {
    for (let partition = 0; partition < partitions; partition++) {
      const visible = checkers.sourceLog.visible(name, String(partition));
      all.set(`${name} ${partition}`, { visible, total });
    }
  }
  return all;
}
