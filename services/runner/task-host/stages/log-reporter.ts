import type { Logger } from "@millrace/connect";
import type { TaskStats } from "../task-stats.ts";
import type { Reporter } from "./error-handler.ts";
import { type Failure, failureText, type TaskName } from "./failure.ts";

/** `errors.log.enable`. */
export class LogReporter implements Reporter {
  #task: TaskName;
  #includeRecords: boolean;
  #stats: TaskStats;
  #logger: Logger;

  constructor(deps: { task: TaskName; includeRecords: boolean; stats: TaskStats; logger: Logger }) {
    this.#task = deps.task;
    this.#includeRecords = deps.includeRecords;
    this.#stats = deps.stats;
    this.#logger = deps.logger;
  }

  report(failure: Failure): null {
    this.#logger.error(failureText(this.#task, failure, this.#includeRecords), { error: failure.error });
    this.#stats.errorLogged();
    return null;
  }
}
