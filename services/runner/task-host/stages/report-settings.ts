// Pure: where a connector wants its failed records reported.
import { flagSetting } from "../flag-setting.ts";

export interface ReportSettings {
  /** `errors.log.enable`. */
  readonly log: boolean;
  /** `errors.log.include.messages`. */
  readonly logRecords: boolean;
  readonly deadLetters: DeadLetterSettings | null;
}

export interface DeadLetterSettings {
  readonly topic: string;
  readonly replicationFactor: number;
  readonly contextHeaders: boolean;
}

const PREFIX = "errors.deadletterqueue.";
const REPLICATION_FACTOR_DEFAULT = "3";

export function reportSettings(config: Readonly<Record<string, string>>): ReportSettings {
  const topic = (config[`${PREFIX}topic.name`] ?? "").trim();
  const deadLetters = {
    topic,
    replicationFactor: Number(config[`${PREFIX}topic.replication.factor`] ?? REPLICATION_FACTOR_DEFAULT),
    contextHeaders: flagSetting(config[`${PREFIX}context.headers.enable`]),
  };
  return {
    log: flagSetting(config["errors.log.enable"]),
    logRecords: flagSetting(config["errors.log.include.messages"]),
    deadLetters: topic === "" ? null : deadLetters,
  };
}
