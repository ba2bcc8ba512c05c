import { type Logger, LogLevels, loadWorkerConfig } from "@millrace/service";
import { createConfig } from "../../services/config/handlers.ts";
import { createGateway } from "../../services/gateway/app.ts";
import { createRunner } from "../../services/runner/runner.ts";
import type { Changes } from "../../services/scheduler/changes.ts";
import { createScheduler } from "../../services/scheduler/scheduler.ts";
import type { SchedulerStore } from "../../services/scheduler/store.ts";
import type { HeardBeat } from "./checkers/handover.ts";
import { OFFSETS_TOPIC } from "./checkers/source-log.ts";
import { type Booted, Machine } from "./machine.ts";
import { ServerLink } from "./server-link.ts";
import { type BusObserver, SimulatedBus } from "./simulated-bus.ts";
import { SimulatedListener } from "./simulated-listener.ts";
import { simulatedLogger } from "./simulated-logger.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import { configStoreBehind, schedulerStoreBehind } from "./simulated-stores.ts";
import type { World } from "./world.ts";

const STRING_CONVERTER = "org.apache.kafka.connect.storage.StringConverter";
const POSTGRES_LATENCY_MAX_MS = 4;
const HEARTBEAT = "scheduler.heartbeat";
const VERIFY = "scheduler.assignment.verify";

/** One machine for each service of the profile; nothing runs yet. */
export function openMachines(world: World): Machine[] {
  const { schedulers, runners, configs, gateways } = world.profile;
  const several = (kind: string, count: number, boot: (process: SimulatedProcess) => Booted) =>
    Array.from({ length: count }, (_, i) => new Machine({ world, name: `${kind}-${i + 1}`, boot }));
  return [
    ...several("scheduler", schedulers, (process) => bootScheduler(world, process)),
    ...several("config", configs, (process) => bootConfig(world, process)),
    ...several("runner", runners, (process) => bootRunner(world, process)),
    ...several("gateway", gateways, (process) => bootGateway(world, process)),
  ];
}

function bootScheduler(world: World, process: SimulatedProcess): Booted {
  const { leaseMs, leaseRetryMs, sessionTimeoutMs, releaseTimeoutMs, fenceTimeoutMs } = world.settings;
  const bus = openBus(world, process, {
    heard: (subject, message) => {
      if (subject === VERIFY) told(world, (message as { runner: string }).runner);
      if (subject !== HEARTBEAT) return;
      world.handover.heard(process.id, message as HeardBeat);
      world.silence.heard(process.id, message as HeardBeat);
    },
  });
  const store = storeLink(world, process);
  const watched = world.leaseHolder.watched((isWritten, lease, changes) => {
    world.say(
      process.id,
      `writes under epoch ${lease.epoch}, ${isWritten ? "done" : "refused"}: ${changesText(changes)}`,
    );
    if (!isWritten) return;
    world.handover.written(process.id, changes);
    world.verifiedStart.written(process.id, changes);
    world.silence.written(process.id, changes);
  });
  const scheduler = createScheduler({
    bus,
    store: watchedByLeader(world, process, schedulerStoreBehind(store, watched)),
    clock: process.clock,
    random: process.random,
    logger: loggerOf(world, process),
    options: {
      exactlyOnce: true,
      ...{ leaseMs, leaseRetryMs, sessionTimeoutMs, releaseTimeoutMs, fenceTimeoutMs },
      resyncIntervalMs: 1_000,
      configBurstMs: 50,
    },
  });
  process.enter(() => void scheduler.start());
  return { bus, store, stop: () => scheduler.stop() };
}

function told(world: World, runner: string): void {
  const { whenVerifying } = world;
  world.whenVerifying = null;
  whenVerifying?.(runner);
}

/** The store as a leader sees it: what it asks for, and when it is told. */
function watchedByLeader(world: World, process: SimulatedProcess, store: SchedulerStore): SchedulerStore {
  const knows = () => world.verifiedStart.knows(process.id);
  process.onDeath(knows);
  return {
    ...store,
    acquire: async (holder, leaseMs) => {
      const lease = await store.acquire(holder, leaseMs);
      if (lease !== null) world.silence.leads(process.id);
      return lease;
    },
    commit: (lease, changes) => {
      world.silence.decided(process.id);
      return store.commit(lease, changes).finally(knows);
    },
  };
}

function bootConfig(world: World, process: SimulatedProcess): Booted {
  const bus = openBus(world, process);
  const store = storeLink(world, process);
  const config = createConfig({
    bus,
    store: configStoreBehind(store, world.configStore),
    clock: process.clock,
    logger: loggerOf(world, process),
  });
  process.enter(() => void config.start());
  return { bus, store, stop: () => config.stop() };
}

function bootRunner(world: World, process: SimulatedProcess): Booted {
  const { checkers, profile, settings } = world;
  const bus = openBus(world, process, {
    sent: (subject, message) => {
      if (subject !== HEARTBEAT) return;
      const { runner, applied } = message as Parameters<BeatCheck>[0];
      world.runnerIds.set(process.id, runner);
      checkers.assignments.applied(runner, applied);
    },
  });
  const properties = {
    "bootstrap.servers": "simulated:9092",
    "group.id": "sim",
    "key.converter": STRING_CONVERTER,
    "value.converter": STRING_CONVERTER,
    "offset.storage.topic": OFFSETS_TOPIC,
    "config.storage.topic": "unused",
    "status.storage.topic": "unused",
    "offset.storage.partitions": "2",
    "offset.flush.interval.ms": String(settings.flushIntervalMs),
    "task.shutdown.graceful.timeout.ms": String(settings.gracefulMs),
    "heartbeat.interval.ms": String(settings.heartbeatMs),
    "session.timeout.ms": String(settings.sessionTimeoutMs),
    "producer.transaction.timeout.ms": String(settings.transactionTimeoutMs),
    "millrace.task.hosts": String(profile.hostsPerRunner),
    "millrace.task.host.blocked.ms": String(settings.blockedMs),
    "millrace.auto.restart.backoff.initial.ms": String(settings.restartInitialMs),
    "millrace.auto.restart.backoff.max.ms": String(settings.restartMaxMs),
    "millrace.worker.id": `${process.name}:8083`,
    "rest.advertised.host.name": process.name,
  };
  const runner = createRunner({
    bus,
    worker: loadWorkerConfig({ mode: "distributed", overrides: properties }),
    plugins: { manifest: null, folders: [] },
    spawnHost: () => world.host(process),
    clock: process.clock,
    random: process.random,
    levels: new LogLevels("info"),
    logger: loggerOf(world, process),
    version: "1",
  });
  process.enter(() => void runner.start());
  return { bus, stop: () => runner.stop() };
}

function bootGateway(world: World, process: SimulatedProcess): Booted {
  const { settings, timeline, restAnswers } = world;
  const bus = openBus(world, process);
  const gateway = createGateway({
    bus,
    options: { requestTimeoutMs: settings.restTimeoutMs },
    logger: loggerOf(world, process),
    levels: new LogLevels("info"),
    clock: process.clock,
  });
  const rest = new SimulatedListener({
    process,
    gateway,
    nowMs: () => timeline.nowMs,
    asked: (request) => {
      const since = restAnswers.mark;
      return (answer) => {
        world.say(process.id, `answers ${request.method} ${request.path} with ${answer.status}`);
        restAnswers.check({ gateway: process.id, request, since, answer });
      };
    },
  });
  const stop = async () => {
    await rest.close();
    await bus.close();
  };
  return { bus, rest, stop };
}

function changesText({ connectors, placements, placementsGone, runners, runnersGone, statuses }: Changes): string {
  const parts = [
    ...connectors.map(
      ({ connector, generation, fencedGeneration }) => `${connector} at ${generation}, fenced ${fencedGeneration}`,
    ),
    ...placements.map(
      ({ connector, task, runner, generation, phase }) =>
        `${task ?? "c"}:${connector}@${generation} ${phase} ${runner}`,
    ),
    ...placementsGone.map(({ connector, task }) => `${task ?? "c"}:${connector} nowhere`),
    ...statuses.map(({ connector, task, state }) => `${task ?? "c"}:${connector} ${state}`),
    ...runners.map(({ runner }) => `${runner} there`),
    ...runnersGone.map((runner) => `${runner} gone`),
  ];
  return parts.join("; ");
}

type BeatCheck = (beat: { runner: string; applied: { epoch: number; sequence: number } | null }) => void;

function openBus(world: World, process: SimulatedProcess, observer?: BusObserver): SimulatedBus {
  return new SimulatedBus(world.hub, process, observer);
}

function storeLink(world: World, process: SimulatedProcess): ServerLink {
  const random = world.stream(`store of ${process.id}`);
  return new ServerLink({ timeline: world.timeline, process, random, latencyMaxMs: POSTGRES_LATENCY_MAX_MS });
}

function loggerOf(world: World, process: SimulatedProcess): Logger {
  return simulatedLogger((level, message, fields) => world.log(process.id, level, message, fields));
}
