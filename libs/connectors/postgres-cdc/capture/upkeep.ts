import type { SourceRecord, SourceTaskContext } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import type { Settings } from "../config/settings.ts";
import type { EventMaker } from "../events/event-maker.ts";
import type { PgConnection } from "../wire/pg-connection.ts";
import type { ChangeReader } from "./change-reader.ts";
import type { Confirmations } from "./confirmations.ts";
import type { ReplicationStream } from "./replication-stream.ts";
import { slotState } from "./slot.ts";
import type { SlotWatch } from "./slot-watch.ts";

export interface UpkeepDeps {
  readonly settings: Settings;
  readonly context: SourceTaskContext;
  readonly maker: EventMaker;
  readonly confirmations: Confirmations;
  readonly queries: PgConnection;
  readonly reader: ChangeReader;
  readonly stream: ReplicationStream;
  readonly watch: SlotWatch;
  readonly signal: AbortSignal;
  emit(record: SourceRecord): void;
  /** The stream stands still: its reader is in the middle of something. */
  held(): boolean;
  /** Does what waits for records to be committed. */
  settle(): Promise<void>;
  /** Somebody waits for the server to say how far it is. */
  asks(): boolean;
}

/** Between two looks at what is due. */
const TICK_MS = 250;
const STATUS_MS_MAX = 10_000;

/** What is due while the stream is read: status messages, heartbeats, the slot's xmin, a look at what the server keeps. */
export async function runUpkeep(deps: UpkeepDeps): Promise<void> {
  const { settings, context, signal } = deps;
  const { heartbeat, statusIntervalMs, xminIntervalMs, slot } = settings;
  const duties = [
    duty(Math.min(statusIntervalMs, STATUS_MS_MAX), 0, () => deps.stream.sendStatus()),
    duty(xminIntervalMs, 0, () => readXmin(deps)),
    duty(heartbeat.intervalMs, Number.NEGATIVE_INFINITY, () => beat(deps)),
    duty(slot.watch.intervalMs, context.nowMs(), () => moveOn(deps)),
    duty(slot.watch.intervalMs, 0, () => deps.watch.look()),
    duty(TICK_MS, 0, deps.settle),
  ];
  const waitMs = Math.min(TICK_MS, ...[heartbeat.intervalMs, xminIntervalMs].filter((each) => each > 0));
  while (!signal.aborted) {
    if (deps.asks() && !deps.held()) deps.stream.sendStatus(true);
    for (const each of duties) await each(context.nowMs());
    await context.sleep(waitMs, signal);
  }
}

/** Does it when it is due; an interval of 0: never. */
function duty(intervalMs: number, lastMs: number, work: () => Promise<void> | void): (nowMs: number) => Promise<void> {
  let doneMs = lastMs;
  return async (nowMs) => {
    if (intervalMs === 0 || nowMs - doneMs < intervalMs) return;
    doneMs = nowMs;
    await work();
  };
}

async function readXmin({ settings, queries, reader }: UpkeepDeps): Promise<void> {
  const state = await slotState(queries, settings.slot.name);
  reader.xmin = state?.xmin ?? null;
}

async function beat({ settings, maker, reader, queries, held, emit }: UpkeepDeps): Promise<void> {
  const { offset } = reader;
  if (offset !== null && !held()) emit(maker.heartbeat(offset));
  if (settings.heartbeat.query !== null) await queries.query(settings.heartbeat.query);
}

/** The log has gone on without anything to send: only with an offset that says so may the server forget it. */
function moveOn({ confirmations, reader, maker, held, emit }: UpkeepDeps): void {
  const lsn = confirmations.unsaid;
  if (lsn === null || held()) return;
  failPoint("cdc.offset.before");
  const offset = reader.moveOn(lsn);
  if (offset !== null) emit(maker.offsetOnly(offset));
}
