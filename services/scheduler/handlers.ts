import type { Bus, Subscription } from "@millrace/bus";
import { failPoint } from "@millrace/fail-points";
import {
  assignmentVerify,
  type ConnectorStatus,
  connectorRestart,
  connectorSettle,
  heartbeat,
  ProtocolError,
  runnerList,
  statusGet,
  statusList,
  taskRestart,
  topicsAdd,
  topicsForgotten,
  topicsGet,
  topicsReset,
} from "@millrace/protocol";
import { type Status, workKey } from "./model.ts";
import { connectorStatus, restartConnector, restartPlan, restartTask } from "./restart.ts";
import { type SettleDeps, settleConnector, settleDeleted } from "./settle.ts";
import type { SchedulerStore } from "./store.ts";

const pageBytesMax = 400_000;
const pageConnectorsMax = 200;

/** Answered by every scheduler, from the store. */
export async function respondStatuses(bus: Bus, store: SchedulerStore): Promise<readonly Subscription[]> {
  return Promise.all([
    bus.respond(statusGet, async ({ name }) => {
      const status = connectorStatus(name, await store.statusesOf(name));
      if (!status) throw new ProtocolError("NOT_FOUND", `No status found for connector ${name}`);
      return { status };
    }),
    bus.respond(topicsAdd, async ({ connector, topics }) => {
      await store.addTopics(connector, topics);
      return {};
    }),
    bus.respond(topicsGet, async ({ connector }) => ({ topics: [...(await store.topicsOf(connector))] })),
    bus.respond(topicsReset, async ({ connector }) => {
      await store.removeTopics(connector);
      bus.publish(topicsForgotten, { connector });
      return {};
    }),
    bus.respond(statusList, async ({ after }) => {
      const rows = await store.statusesAfter(after, pageConnectorsMax);
      const names = [...new Set(rows.map(({ connector }) => connector))];
      const statuses: ConnectorStatus[] = [];
      let bytes = 0;
      for (const name of names) {
        const status = connectorStatus(name, rows);
        if (!status) continue;
        const size = new TextEncoder().encode(JSON.stringify(status)).length;
        if (statuses.length > 0 && bytes + size > pageBytesMax) return { statuses, more: true };
        bytes += size;
        statuses.push(status);
      }
      return { statuses, more: names.length === pageConnectorsMax && statuses.length > 0 };
    }),
  ]);
}

/** Everyone gets these requests, and only the leader listens. */
export async function respondAsLeader(deps: SettleDeps): Promise<readonly Subscription[]> {
  const { bus, leader } = deps;
  const options = { queue: false };
  return Promise.all([
    bus.respond(heartbeat, (message) => leader.hear(message), options),
    bus.respond(runnerList, () => ({ runners: leader.runners() }), options),
    bus.respond(
      assignmentVerify,
      async ({ runner, connector, task, generation }) => {
        failPoint("scheduler.verify.before");
        const { placements, connectors } = await leader.verified(connector);
        const placement = placements.get(workKey({ connector, task }));
        const current = connectors.get(connector)?.generation ?? 0;
        if (generation !== current) return { verdict: "new-generation" };
        const isHere = placement?.runner === runner && placement.generation === generation;
        return { verdict: isHere && placement.phase === "assigned" ? "valid" : "revoked" };
      },
      options,
    ),
    bus.respond(
      connectorRestart,
      async (message) => {
        let traces: readonly Status[] = [];
        const state = await leader.change(message.name, (before, desired) => {
          traces = [...before.statuses.values()];
          return restartConnector(before, desired, message);
        });
        const status = restartPlan(message.name, state.statuses.values(), traces);
        if (!status) throw new ProtocolError("NOT_FOUND", `Status for connector ${message.name} not found`);
        return { status };
      },
      options,
    ),
    bus.respond(
      connectorSettle,
      async ({ name, deleted }) => {
        await (deleted ? settleDeleted(deps, name) : settleConnector(deps, name));
        return {};
      },
      options,
    ),
    bus.respond(
      taskRestart,
      async ({ name, task }) => {
        await leader.change(name, (before, desired) => restartTask(before, desired, name, task));
        return {};
      },
      options,
    ),
  ]);
}
