// Pure: what is broken, in which order.
import { type FailPoint, failPoints } from "@millrace/fail-points";
import type { FailPointAction } from "./fail-point-orders.ts";
import { type Cut, cuts } from "./link.ts";
import type { SeededRandom } from "./seeded-random.ts";

/**
 * What can be killed from outside; what is frozen is stopped in its tracks instead and comes back as a zombie: a runner with its
 * hosts and their open transactions after others have taken its tasks over, a leader after another leads.
 */
export const victims = [
  "task host",
  "runner",
  "frozen runner",
  "scheduler leader",
  "frozen leader",
  "config",
  "gateway",
  "NATS",
  "broker",
  "control Postgres",
  "source Postgres",
] as const;
export type Victim = (typeof victims)[number];

/** Nobody does their work while they are down; tasks that run do without. */
export const unreplaced: ReadonlySet<Victim> = new Set(["NATS", "control Postgres"]);

export type Strike =
  | { readonly kind: "process"; readonly victim: Victim }
  | { readonly kind: "cut"; readonly link: string; readonly how: Cut }
  | {
      readonly kind: "fail point";
      readonly point: FailPoint;
      readonly action: FailPointAction;
      readonly count: number;
    };

export interface StrikeOptions {
  readonly kills: number;
  /** Shares of the three kinds: 8 fail points, 2 cuts, 4 processes. */
  readonly mix: { readonly points: number; readonly cuts: number; readonly processes: number };
  readonly victims: readonly Victim[];
  readonly links: readonly string[];
  readonly points: readonly FailPoint[];
}

const FROZEN_SHARE = 0.25;
const PASSES_MAX = 5;

/** In seeded order: of each kind, everything once before anything comes again. */
export function planStrikes(options: StrikeOptions, random: SeededRandom): Strike[] {
  const { kills, mix, links } = options;
  const kinds = cycle([...kindsOf(mix)], random);
  const points = cycle(options.points, random);
  const processes = cycle(options.victims, random);
  const ways = cycle(
    links.flatMap((link) => cuts.map((how) => ({ link, how }))),
    random,
  );
  return Array.from({ length: kills }, (): Strike => {
    const kind = kinds();
    if (kind === "process") return { kind, victim: processes() };
    if (kind === "cut") return { kind, ...ways() };
    const point = points();
    const action = random.next() < FROZEN_SHARE ? "stop" : "kill";
    const count = failPoints[point].by === "flow" ? 1 + Math.floor(random.next() * PASSES_MAX) : 1;
    return { kind, point, action, count };
  });
}

function* kindsOf({ points, cuts: links, processes }: StrikeOptions["mix"]): Generator<Strike["kind"]> {
  for (let i = 0; i < points; i++) yield "fail point";
  for (let i = 0; i < links; i++) yield "cut";
  for (let i = 0; i < processes; i++) yield "process";
}

function cycle<T>(items: readonly T[], random: SeededRandom): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = random.shuffled(items);
    return left.pop()!;
  };
}
