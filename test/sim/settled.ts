import { workKey } from "../../services/scheduler/model.ts";
import { topicOf } from "./checkers/source-log.ts";
import { SINK } from "./connector-configs.ts";
import type { World } from "./world.ts";

/**
 * What is still missing until the cluster does all it should: every number visible, stored by the sink and committed,
 * every connector and task running, each task once. null: nothing.
 */
export async function missing(world: World): Promise<string | null> {
  const { profile, checkers, leaseHolder } = world;
  const { instances } = checkers;
  const { connectors } = await world.configStore.changes(0);
  for (const { name, partitions } of profile.sources) {
    const total = Number(connectors.find((each) => each.name === name)?.config.total);
    for (let partition = 0; partition < partitions; partition++) {
      const visible = checkers.sourceLog.visible(name, String(partition));
      if (visible !== total) return `${name} ${partition} is visible up to ${visible} of ${total}`;
    }
  }
  const topics = profile.sources.map(({ name }) => topicOf(name));
  if (!checkers.sink.isComplete(`connect-${SINK}`, topics)) return "the sink has not committed everything";
  const { statuses, connectors: states } = await leaseHolder.load();
  for (const { name, version, tasks } of connectors) {
    if (tasks.configVersion !== version) return `${name} has no tasks of its newest config`;
    if (states.get(name)?.tasksVersion !== tasks.version) return `${name} has no generation for its newest tasks`;
    const items = [null, ...tasks.configs.keys()].map((task) => ({ connector: name, task }));
    for (const item of items) {
      const state = statuses.get(workKey(item))?.state;
      if (state !== "RUNNING") return `${name} ${item.task ?? "itself"} is ${state ?? "unknown"}`;
    }
    for (const task of tasks.configs.keys()) {
      const running = instances.running(name, task);
      if (running !== 1) return `${running} instances of ${name}-${task} run`;
    }
    const running = instances.running(name, null);
    if (running !== tasks.configs.length) return `${running} tasks of ${name} run, ${tasks.configs.length} should`;
  }
  return null;
}
