// Pure: what one seed's run looks like, drawn from its seed.
import type { SeededRandom } from "../../deploy/prove/seeded-random.ts";

/** The kinds of trouble. A run has some of them: with all at once, each would hide what another shows. */
export const TROUBLES = [
  "loss",
  "duplication",
  "delay",
  "partition",
  "isolation",
  "blackout",
  "start-blackout",
  "crash",
  "half-open",
  "host-crash",
  "pause",
  "host-pause",
  "restart",
  "departure",
  "clock-step",
  "slow-store",
  "store-failure",
  "store-cut",
  "kafka-cut",
  "kafka-failure",
  "kafka-delay",
  "slow-kafka",
  "full-queue",
  "expulsion",
] as const;
export type Trouble = (typeof TROUBLES)[number];

export interface SourceProfile {
  readonly name: string;
  /** Source partitions, each with the numbers 1 to `total`. */
  readonly partitions: number;
  readonly total: number;
  readonly pollMs: number;
  readonly batch: number;
  readonly boundary: "poll" | "interval";
  readonly intervalMs: number;
  /** Now and then a poll that does not end when it is asked to. */
  readonly stubborn: boolean;
}

export interface Profile {
  readonly schedulers: number;
  readonly runners: number;
  readonly hostsPerRunner: number;
  readonly configs: number;
  readonly gateways: number;
  readonly sources: readonly SourceProfile[];
  readonly sinkTasks: number;
  readonly topicPartitions: number;
  readonly troubles: ReadonlySet<Trouble>;
  /** Before all trouble, control is away for a while. */
  readonly outage: boolean;
  /** For how long there is trouble. */
  readonly troubledMs: number;
  /** Between one trouble and the next, on average. */
  readonly troubleGapMs: number;
  /** So many users have wishes at the same time. */
  readonly users: number;
  /** Between one wish of a user's and the next, on average. */
  readonly userGapMs: number;
  /** Clocks run so much faster or slower, at most. */
  readonly clockDrift: number;
}

const OUTAGE_SHARE = 0.1;

export function profileOf(random: SeededRandom): Profile {
  const between = (low: number, high: number) => low + Math.floor(random.next() * (high - low + 1));
  const share = 0.15 + random.next() * 0.55;
  const troubles = new Set(TROUBLES.filter(() => random.next() < share));
  const outage = random.next() < OUTAGE_SHARE;
  const sources = Array.from({ length: between(2, 3) }, (_, i): SourceProfile => {
    return {
      name: `s${i + 1}`,
      partitions: between(1, 3),
      total: between(20, 50),
      pollMs: between(120, 400),
      batch: between(1, 3),
      boundary: random.next() < 0.4 ? "poll" : "interval",
      intervalMs: between(300, 2500),
      stubborn: random.next() < 0.2 && !outage,
    };
  });
  return {
    schedulers: 2,
    runners: between(2, 3),
    hostsPerRunner: 2,
    configs: between(1, 2),
    gateways: between(1, 2),
    sources,
    sinkTasks: between(1, 2),
    topicPartitions: between(1, 2),
    troubles,
    outage,
    troubledMs: between(8, 20) * 1000,
    troubleGapMs: between(300, 2500),
    users: between(1, 2),
    userGapMs: between(700, 4000),
    clockDrift: random.next() < 0.5 ? 0 : 0.1,
  };
}
