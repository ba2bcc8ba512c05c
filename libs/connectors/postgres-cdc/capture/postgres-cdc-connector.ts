import type { ConnectorContext, SourceConnector, SourceTask, TaskConfig } from "@millrace/connect";
import { PostgresCdcTask } from "./postgres-cdc-task.ts";

/** One task: a slot has one reader. */
export class PostgresCdcConnector implements SourceConnector {
  #config: TaskConfig = {};

  start(_context: ConnectorContext, config: TaskConfig): void {
    this.#config = config;
  }

  taskConfigs(): TaskConfig[] {
    return [this.#config];
  }

  stop(): void {}

  task(): SourceTask {
    return new PostgresCdcTask();
  }
}
