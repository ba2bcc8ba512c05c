import { taskRestart } from "@millrace/protocol";
import type { Ask } from "../ask.ts";
import { taskInfos, taskStateInfo } from "../entities.ts";
import { HttpError, routingMessage } from "../errors.ts";
import type { Mask } from "../masking.ts";
import { type Call, empty, json, type Resource } from "../resource.ts";
import { getConnector } from "./connectors.ts";
import { getStatus } from "./status.ts";

export function taskRoutes({ ask, mask }: { ask: Ask; mask: Mask }): Resource[] {
  return [
    {
      path: "/connectors/:connector/tasks",
      methods: { GET: async (call) => json(taskInfos(mask(await getConnector(ask, call)))), POST: refuseInternal },
    },
    { path: "/connectors/:connector/fence", methods: { PUT: refuseInternal } },
    {
      path: "/connectors/:connector/tasks/:task/status",
      methods: {
        async GET(call) {
          const name = call.param("connector");
          const task = taskParam(call);
          const notFound = `No status found for task ${name}-${task}`;
          const { tasks } = await getStatus(ask, name, call.signal, notFound);
          const status = tasks.find(({ id }) => id === task);
          if (status === undefined) throw new HttpError(404, notFound);
          return json(taskStateInfo(status));
        },
      },
    },
    {
      path: "/connectors/:connector/tasks/:task/restart",
      methods: {
        async POST(call) {
          await ask(taskRestart, { name: call.param("connector"), task: taskParam(call) }, { signal: call.signal });
          return empty(204);
        },
      },
    },
  ];
}

/** Connect's workers tell each other here what Millrace's services tell each other by message. Nobody can sign for it. */
async function refuseInternal(): Promise<Response> {
  throw new HttpError(400, "Internal request missing required signature");
}

const INT_MAX = 2 ** 31 - 1;

/** What is no 32-bit integer names no resource. A negative one does, and there is no such task. */
function taskParam({ param }: Call): number {
  const text = param("task");
  const task = Number(text);
  if (!/^[+-]?\d+$/.test(text) || Math.abs(task) > INT_MAX) throw new HttpError(404, routingMessage(404));
  return task;
}
