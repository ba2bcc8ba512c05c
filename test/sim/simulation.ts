import { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import { Journal } from "./journal.ts";
import { Nemesis } from "./nemesis.ts";
import { outage } from "./outage.ts";
import { profileOf } from "./profile.ts";
import { missing } from "./settled.ts";
import { notShown } from "./shown.ts";
import { User } from "./user.ts";
import { type Failure, Verdict } from "./verdict.ts";
import { World } from "./world.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** Gets the whole event log, line by line. */
  readonly line?: (line: string) => void;
}

export interface Outcome {
  readonly seed: number;
  readonly failure: Failure | null;
  /** Of the event log. */
  readonly hash: string;
  readonly events: number;
  readonly virtualMs: number;
  /** From the end of all trouble until everything was as it should be; null: it never was. */
  readonly recoveryMs: number | null;
}

/** Trouble over, everything must be in order again within this time: the longest timeouts, and some of them in a row. */
const RECOVERY_MAX_MS = 180_000;
/** What the user asked for in trouble, and is still on its way, comes in this time. */
const LATE_MS = 8_000;
const LOOK_INTERVAL_MS = 200;
/** After that nothing may change any more. */
const QUIET_MS = 2_000;
const MACHINE_START_MAX_MS = 400;
/** Twenty times as many as a run has, and several times what the longest has. */
const EVENTS_MAX = 100_000;

/** One run, from its seed alone. */
export async function simulate({ seed, line }: SimulationOptions): Promise<Outcome> {
  const journal = new Journal(line ?? null);
  const verdict = new Verdict();
  const profile = profileOf(new SeededRandom(seed));
  const world = new World({ seed, profile, journal, verdict });
  world.say("profile", JSON.stringify({ ...profile, troubles: [...profile.troubles] }));
  const state: RunState = { isOver: false, recoveryMs: null };
  const crashed = (error: unknown) => verdict.fail("crash", stackOf(error));
  process.on("unhandledRejection", crashed);
  try {
    direct(world, verdict, state).catch(crashed);
    const isOver = () => {
      if (world.timeline.events > EVENTS_MAX)
        verdict.fail("bounds (I8)", `${EVENTS_MAX} events: something never rests`);
      return state.isOver || verdict.failure !== null;
    };
    await world.timeline.run(isOver, crashed);
  } finally {
    process.off("unhandledRejection", crashed);
  }
  if (verdict.failure !== null) world.say("verdict", `${verdict.failure.checker}: ${verdict.failure.message}`);
  const { events, nowMs } = world.timeline;
  return { seed, failure: verdict.failure, hash: journal.hash, events, virtualMs: nowMs, recoveryMs: state.recoveryMs };
}

interface RunState {
  isOver: boolean;
  recoveryMs: number | null;
}

/** The course of a run: a cluster starts, is troubled for a while, recovers, and is looked at. */
async function direct(world: World, verdict: Verdict, state: RunState): Promise<void> {
  const { timeline, profile, machines, cluster } = world;
  const random = world.stream("director");
  for (const machine of machines) timeline.after(random.next() * MACHINE_START_MAX_MS, () => machine.start());
  const user = new User(world);
  const nemesis = new Nemesis(world);
  const look = () => {
    world.checkBounds();
    timeline.after(LOOK_INTERVAL_MS, look);
  };
  look();
  await user.createAll();
  if (profile.outage) await outage(world, verdict);
  nemesis.begin();
  const untilMs = timeline.nowMs + profile.troubledMs;
  const users = Array.from({ length: profile.users }, () => user.meddle(() => timeline.nowMs >= untilMs));
  await timeline.sleep(profile.troubledMs);
  nemesis.calm();
  await Promise.all(users);
  await timeline.sleep(LATE_MS);
  await user.finish();
  const looked = async () => (await missing(world)) ?? (await notShown(world, user));
  await recover({ world, verdict, state, looked });
  await timeline.sleep(QUIET_MS);
  const lacks = await looked();
  if (lacks !== null) verdict.fail("progress", `it did not stay so: ${lacks}`);
  world.checkers.sourceLog.checkLogs(
    cluster,
    profile.sources.map(({ name }) => name),
  );
  await world.configWrites.checkHistory();
  state.isOver = true;
}

interface Recovery {
  readonly world: World;
  readonly verdict: Verdict;
  readonly state: RunState;
  /** Finds what is not in order yet; null: everything is. */
  readonly looked: () => Promise<string | null>;
}

async function recover({ world: { timeline }, verdict, state, looked }: Recovery): Promise<void> {
  const fromMs = timeline.nowMs;
  for (;;) {
    const lacks = await looked();
    state.recoveryMs = timeline.nowMs - fromMs;
    if (lacks === null) return;
    if (state.recoveryMs > RECOVERY_MAX_MS) {
      state.recoveryMs = null;
      verdict.fail("progress", `stuck: ${lacks}`);
      return;
    }
    await timeline.sleep(LOOK_INTERVAL_MS);
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
