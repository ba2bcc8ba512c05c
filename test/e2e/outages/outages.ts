import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { childPids } from "../../../deploy/prove/child-pids.ts";
import type { Cluster } from "../../../deploy/prove/cluster.ts";
import { sendSignal } from "../../../deploy/prove/killer.ts";
import type { Cut } from "../../../deploy/prove/link.ts";
import { until, untilFound } from "../../../deploy/prove/until.ts";

export interface Outage {
  readonly name: string;
  /** Part of `npm test`; the others belong to `npm run test:chaos`. */
  readonly brief: boolean;
  /** What of the tasks may be elsewhere in the end: nothing, where every runner went on all the time. */
  readonly moves: boolean;
  /** Breaks it and mends it again. */
  run(cluster: Cluster): Promise<void>;
}

/** Past sessions and leases of 5 s. */
const LONG_MS = 9_000;
const MINUTE_MS = 60_000;

export const outages: readonly Outage[] = [
  {
    name: "Postgres ends every connection, three times, and restarts",
    brief: true,
    moves: false,
    async run({ postgres: server }) {
      for (let i = 0; i < 3; i++) {
        await endConnections(server.url);
        await sleep(500);
      }
      await server.kill("SIGINT");
      await server.restart();
    },
  },
  { name: "NATS flaps", brief: true, moves: false, run: ({ nats }) => flap(nats, 4, 400) },
  {
    name: "NATS is down for longer than sessions and leases",
    brief: true,
    moves: false,
    run: (c) => down(c.nats, LONG_MS),
  },
  { name: "the leader is frozen for longer than its lease", brief: true, moves: false, run: freezeLeader },
  { name: "Postgres is down for a minute", brief: false, moves: false, run: (c) => down(c.postgres, MINUTE_MS) },
  {
    name: "Postgres is killed and recovers, five times",
    brief: false,
    moves: false,
    run: (c) => flap(c.postgres, 5, 1_000),
  },
  {
    name: "Postgres stands still for a minute, with every connection open",
    brief: false,
    moves: false,
    run: (cluster) => frozen([cluster.postgres.pid, ...childPids(cluster.postgres.pid)], MINUTE_MS),
  },
  { name: "NATS is down for a minute", brief: false, moves: false, run: (c) => down(c.nats, MINUTE_MS) },
  { name: "NATS stands still for a minute", brief: false, moves: false, run: (c) => frozen([c.nats.pid], MINUTE_MS) },
  {
    name: "every scheduler is down for a minute",
    brief: false,
    moves: false,
    async run({ schedulers }) {
      await Promise.all(schedulers.map((scheduler) => scheduler.kill("SIGKILL")));
      await sleep(MINUTE_MS);
      await Promise.all(schedulers.map((scheduler) => scheduler.restart()));
    },
  },
  ...(["silent", "held", "requests lost", "answers lost"] as const).map(
    (how): Outage => ({
      name: `every link to the leader's database is cut for half a minute: ${how}`,
      brief: false,
      moves: false,
      run: (cluster) => cutAll(cluster, "↔ Postgres", how, MINUTE_MS / 2),
    }),
  ),
  ...(["silent", "answers lost"] as const).map(
    (how): Outage => ({
      name: `every link to NATS is half open for half a minute: ${how}`,
      brief: false,
      moves: false,
      run: (cluster) => cutAll(cluster, "↔ NATS", how, MINUTE_MS / 2),
    }),
  ),
  // What must move nothing comes before these two. The runner that was replaced is taken for gone until a session after its twin
  // came, or until another scheduler leads; then it joins again and rightly gets its share, one task here, which would be counted as
  // moved by the next outage (services/scheduler/replaced-runner.test.ts).
  {
    name: "a runner with the worker id of another comes, and goes again",
    brief: true,
    moves: true,
    async run({ runners, twin }) {
      const second = await twin(runners[0]!);
      await sleep(3_000);
      await second.stop();
    },
  },
  {
    name: "every link of a runner to NATS is half open",
    brief: true,
    moves: true,
    run: (cluster) => cut(cluster, "runner-1 ↔ NATS", "silent", LONG_MS),
  },
];

async function down(server: { kill(signal: NodeJS.Signals): Promise<void>; restart(): Promise<void> }, ms: number) {
  await server.kill("SIGKILL");
  await sleep(ms);
  await server.restart();
}

async function flap(server: Parameters<typeof down>[0], times: number, ms: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await down(server, ms);
    await sleep(ms);
  }
}

async function frozen(pids: readonly number[], ms: number): Promise<void> {
  for (const pid of pids) sendSignal(pid, "SIGSTOP");
  try {
    await sleep(ms);
  } finally {
    for (const pid of pids) sendSignal(pid, "SIGCONT");
  }
}

/** Of whoever leads; another has to follow it before it wakes. */
async function freezeLeader(cluster: Cluster): Promise<void> {
  const { epoch, scheduler } = await untilFound("a scheduler leads", () => cluster.leader());
  sendSignal(scheduler.pid, "SIGSTOP");
  try {
    await until("another leads", async () => ((await cluster.leader())?.epoch ?? 0) > epoch);
    await sleep(1_000);
  } finally {
    sendSignal(scheduler.pid, "SIGCONT");
  }
  await sleep(1_000);
}

async function cut(cluster: Cluster, name: string, how: Cut, ms: number): Promise<void> {
  const link = cluster.links.find((each) => each.name === name)!;
  link.cut(how);
  await sleep(ms);
  link.mend();
}

async function cutAll(cluster: Cluster, text: string, how: Cut, ms: number): Promise<void> {
  const links = cluster.links.filter(({ name }) => name.includes(text));
  await Promise.all(links.map(({ name }) => cut(cluster, name, how, ms)));
}

async function endConnections(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'`;
  await sql.end({ timeout: 1 });
}
