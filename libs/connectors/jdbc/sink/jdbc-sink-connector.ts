import type { SinkConnector, SinkTask, TaskConfig } from "@millrace/connect";
import { JdbcSinkTask } from "./jdbc-sink-task.ts";
import { jdbcSinkSettings } from "./sink-settings.ts";

/** Every task gets the same configuration: Kafka shares the partitions out. */
export class JdbcSinkConnector implements SinkConnector {
  #config: TaskConfig = {};

  start(_context: unknown, config: TaskConfig): void {
    jdbcSinkSettings(config);
    this.#config = config;
  }

  taskConfigs(tasksMax: number): TaskConfig[] {
    return Array.from({ length: tasksMax }, () => this.#config);
  }

  stop(): void {}

  task(): SinkTask {
    return new JdbcSinkTask();
  }
}
