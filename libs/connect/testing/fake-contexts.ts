import type {
  ConnectorContext,
  ErrantRecordReporter,
  Logger,
  OffsetReader,
  SinkOffset,
  SinkTaskContext,
  SinkTopicPartition,
  SourceTaskContext,
  TaskConfig,
} from "../mod.ts";
import { noMetrics } from "../mod.ts";
import type { FlowingClock } from "./flowing-clock.ts";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What a connector gets, and what it has said. */
interface FakeConnectorContext extends ConnectorContext {
  readonly raised: unknown[];
}

export function connectorContext(clock: FlowingClock, offsets: OffsetReader): FakeConnectorContext {
  const raised: unknown[] = [];
  return {
    connector: "acceptance",
    offsets,
    raised,
    raiseError: (error) => void raised.push(error),
    requestTaskReconfiguration() {},
    ...pluginContext(clock),
  };
}

export function sourceTaskContext(options: {
  readonly clock: FlowingClock;
  readonly offsets: OffsetReader;
  readonly config: TaskConfig;
  readonly task: number;
  readonly signal: AbortSignal;
}): SourceTaskContext {
  const { clock, ...rest } = options;
  return { connector: "acceptance", transaction: null, metrics: noMetrics, ...rest, ...pluginContext(clock) };
}

export interface FakeSinkTaskContext extends SinkTaskContext {
  readonly rewinds: SinkOffset[];
}

export function sinkTaskContext(options: {
  readonly clock: FlowingClock;
  readonly config: TaskConfig;
  readonly signal: AbortSignal;
  readonly assignment: () => readonly SinkTopicPartition[];
  readonly errantRecordReporter: ErrantRecordReporter | null;
}): FakeSinkTaskContext {
  const { clock, ...rest } = options;
  const rewinds: SinkOffset[] = [];
  return {
    connector: "acceptance",
    task: 0,
    metrics: noMetrics,
    ...rest,
    rewinds,
    offset: (offset) => void rewinds.push(offset),
    timeout() {},
    pause() {},
    resume() {},
    requestCommit() {},
    ...pluginContext(clock),
  };
}

function pluginContext(clock: FlowingClock) {
  return {
    logger: silent,
    nowMs: () => clock.nowMs(),
    sleep: (delayMs: number, signal?: AbortSignal) => clock.sleep(delayMs, signal),
  };
}
