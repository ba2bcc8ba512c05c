import type { ConnectorContext, SinkConnector, SinkTask, TaskConfig } from "@millrace/connect";
import { sinkSettings } from "./config/settings.ts";
import { ElasticsearchSinkTask } from "./elasticsearch-sink-task.ts";

/** Every task takes the same settings; Kafka shares out the partitions. */
export class ElasticsearchSinkConnector implements SinkConnector {
  #config: TaskConfig = {};

  start(_context: ConnectorContext, config: TaskConfig): void {
    sinkSettings(config);
    this.#config = config;
  }

  taskConfigs(tasksMax: number): readonly TaskConfig[] {
    return Array.from({ length: tasksMax }, () => this.#config);
  }

  stop(): void {}

  task(): SinkTask {
    return new ElasticsearchSinkTask();
  }
}
