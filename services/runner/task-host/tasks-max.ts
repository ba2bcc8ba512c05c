// Pure: how many tasks a connector may have.
import { ConfigError } from "@millrace/connect";

export class TooManyTasksError extends ConfigError {
  override readonly javaClass: string = "org.apache.kafka.connect.runtime.TooManyTasksException";

  constructor(connector: string, tasks: number, tasksMax: number) {
    super(
      `The connector ${connector} has generated ${tasks} tasks, which is greater than ${tasksMax}, the maximum number of tasks it is configured to create. This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect.`,
      { code: "TOO_MANY_TASKS" },
    );
  }
}

/**
 * A warning where `tasks.max.enforce=false` permits more than `tasks.max`; null where there are not more.
 * @param config of the connector, resolved.
 * @throws TooManyTasksError
 */
export function checkTasksMax(
  connector: string,
  tasks: number,
  config: Readonly<Record<string, string>>,
): string | null {
  const tasksMax = Number(config["tasks.max"] ?? 1);
  if (tasks <= tasksMax) return null;
  if (config["tasks.max.enforce"]?.toLowerCase() !== "false") throw new TooManyTasksError(connector, tasks, tasksMax);
  return `The connector ${connector} has generated ${tasks} tasks, which is greater than ${tasksMax}, the maximum number of tasks it is configured to create. This behavior should be considered a bug and will be disallowed in future releases of Kafka Connect. Please report this to the maintainers of the connector and request that they adjust their connector's taskConfigs() method to respect the maxTasks parameter.`;
}
