import type { OffsetMap, SourceRecord, SourceTaskContext } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import type { Settings } from "../config/settings.ts";
import type { EventMaker } from "../events/event-maker.ts";
import { Notifier } from "../events/notifications.ts";
import { type SnapshotPosition, snapshotOffset } from "../events/offset-state.ts";
import { positionAt, type StoredPosition } from "../events/position.ts";
import type { SourceNames } from "../events/source-blocks.ts";
import type { Relation } from "../pgoutput/messages.ts";
import { SignalSide } from "../signals/signal-side.ts";
import { Catalog, type TableName } from "../tables/catalog.ts";
import { shapeTable } from "../tables/shape-table.ts";
import type { TableShape } from "../tables/table-shape.ts";
import { parseLsn } from "../wire/messages.ts";
import { PgConnection, quoteName } from "../wire/pg-connection.ts";
import { AddedTables } from "./added-tables.ts";
import { ChangeReader } from "./change-reader.ts";
import type { Confirmations } from "./confirmations.ts";
import { runInitialSnapshot } from "./initial-snapshot.ts";
import { type Plan, plan, streams } from "./plan.ts";
import { prepareSlot, type SnapshotStart } from "./prepare-slot.ts";
import { ReadPace } from "./read-pace.ts";
import type { RecordQueue } from "./record-queue.ts";
import { ReplicationStream } from "./replication-stream.ts";
import { dropSlot, ensurePublication, readTimelines, type SlotState, setIdentities, slotState } from "./slot.ts";
import { SlotWatch } from "./slot-watch.ts";
import { StreamHold } from "./stream-hold.ts";
import type { Timelines } from "./timelines.ts";
import { runUpkeep } from "./upkeep.ts";

export interface CaptureDeps {
  readonly settings: Settings;
  readonly names: SourceNames;
  readonly maker: EventMaker;
  readonly queue: RecordQueue;
  readonly confirmations: Confirmations;
  readonly stored: StoredPosition | null;
  readonly storedOffset: OffsetMap | null;
  readonly context: SourceTaskContext;
}

/** The snapshot, then the stream; fills the queue until it is stopped or fails. */
export class Capture {
  readonly #deps: CaptureDeps;
  readonly #stopped = new AbortController();
  /** For the catalog and everything else with an answer. */
  #queries: PgConnection | null = null;
  #replication: PgConnection | null = null;
  #stream: ReplicationStream | null = null;
  #reader: ChangeReader | null = null;
  #catalog!: Catalog;
  #running: Promise<void> | null = null;
  #ticking: Promise<void> | null = null;
  readonly #hold: StreamHold;
  #side: SignalSide | null = null;
  #listening: Promise<void> | null = null;
  readonly #notifier: Notifier;
  #slotLsn = 0;
  #serverLsn = 0;
  /** Of the server's log; null on the first one. */
  #timeline: number | null = null;
  /** `schema.table` of tables to be read beside the stream. */
  #added: readonly string[] = [];
  /** Forgets that they are to be read, once their reading has begun for good; true then. */
  #begun: (() => Promise<boolean>) | null = null;
  /** For a consistent snapshot beside a slot that is there; goes with the snapshot. */
  #temporarySlot: string | null = null;

  constructor(deps: CaptureDeps) {
    this.#deps = deps;
    const { settings, maker, context } = deps;
    this.#hold = new StreamHold({
      signal: this.#stopped.signal,
      pause: () => this.#replication!.pause(),
      resume: () => {
        if (deps.queue.wanted) this.#replication!.resume();
      },
      failed: (error) => deps.queue.fail(error),
    });
    this.#notifier = new Notifier({
      settings: settings.notifications,
      maker,
      connectorName: settings.topicPrefix,
      logger: context.logger,
      emit: (record) => this.#emit(record),
      nowMs: () => context.nowMs(),
    });
  }

  /** Resolves when the slot and the publication are there, and reading has begun. */
  async start(): Promise<void> {
    const { settings, queue, stored, context } = this.#deps;
    const { address, slot } = settings;
    this.#queries = await PgConnection.open(address, {});
    this.#queries.onLost = (error) => queue.fail(error);
    this.#catalog = new Catalog(this.#queries);
    const state = await slotState(this.#queries, slot.name);
    let timelines: Timelines | null = null;
    if (streams(settings)) {
      this.#replication = await PgConnection.open(address, { replication: true });
      this.#replication.onLost = (error) => queue.fail(error);
      timelines = await readTimelines(this.#replication, context.logger);
    }
    const steps = plan(settings, { stored, slot: state, timelines });
    this.#timeline = timelines === null || timelines.current === 1 ? null : timelines.current;
    this.#slotLsn = state?.confirmedLsn ?? 0;
    this.#serverLsn = state?.serverLsn ?? 0;
    const tables = await this.#captured();
    const position = await this.#prepare(steps, tables, state);
    const { signal } = this.#stopped;
    this.#running = this.#run(steps, position, tables).catch((error) => {
      if (!signal.aborted) queue.fail(error);
    });
  }

  /** Kafka has committed: tells the server. */
  confirm(): void {
    this.#stream?.sendStatus();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    if (this.#stream !== null && !this.#hold.isHeld) this.#stream.sendStatus();
    this.#deps.queue.onDemand = null;
    this.#deps.queue.onTaken = null;
    await this.#replication?.close();
    await this.#hold.settled();
    await this.#running;
    await this.#ticking;
    await this.#listening;
    await this.#side?.close();
    const { settings, context } = this.#deps;
    try {
      if (settings.slot.dropOnStop && this.#queries !== null) {
        await dropSlot(this.#queries, settings.slot.name, { sleep: context.sleep });
      }
    } finally {
      await this.#queries?.close();
    }
  }

  /** In the order a snapshot reads them. */
  async #captured(): Promise<TableName[]> {
    const { settings } = this.#deps;
    const tables = await this.#catalog.tables();
    const rank = ({ schema, name }: TableName) => settings.tableRank(`${schema}.${name}`);
    return tables.filter(({ schema, name }) => settings.capturesTable(schema, name)).sort((a, b) => rank(a) - rank(b));
  }

  /** Makes what is missing. Gives the place the snapshot is at; null without one. */
  async #prepare(
    { snapshot, stream }: Plan,
    tables: readonly TableName[],
    slot: SlotState | null,
  ): Promise<SnapshotStart | null> {
    const { settings, context, stored } = this.#deps;
    const queries = this.#queries!;
    if (!stream) {
      if (!snapshot) return null;
      const [row] = await queries.query("SELECT pg_current_wal_lsn() AS lsn, txid_current() AS txid");
      const lsn = parseLsn(row!.lsn!);
      const tsUs = context.nowMs() * 1000;
      const place = { lsn, resumeLsn: lsn, txId: Number(row!.txid), tsUs, commitLsn: null, timeline: null };
      return { ...place, snapshotName: null };
    }
    await setIdentities(queries, settings, tables);
    if (settings.pluginName === "pgoutput") await this.#publish(tables, !snapshot && stored !== null);
    failPoint("cdc.publication.after");
    const prepared = await prepareSlot({
      ...this.#deps,
      queries,
      replication: this.#replication!,
      slot,
      snapshot,
      timeline: this.#timeline,
    });
    this.#slotLsn = prepared.slotLsn;
    this.#temporarySlot = prepared.temporarySlot;
    return prepared.position;
  }

  /** @param goes the stream goes on: tables that come now have rows that nobody has read. */
  async #publish(tables: readonly TableName[], goes: boolean): Promise<void> {
    const { settings, context } = this.#deps;
    const queries = this.#queries!;
    const added = new AddedTables(queries, settings);
    const { snapshot, publication } = settings;
    const noted = snapshot.added && publication.mode === "filtered";
    if (noted && goes) await added.note(tables, context.logger);
    else if (noted) await added.forget();
    await ensurePublication(queries, settings, tables, context.logger);
    if (noted) this.#added = await added.pending();
  }

  async #run(steps: Plan, position: SnapshotStart | null, tables: readonly TableName[]): Promise<void> {
    const { settings, context } = this.#deps;
    const { signal } = this.#stopped;
    if (position === null) {
      const { storedOffset: offset } = this.#deps;
      this.#notifier.notify({ aggregate: "Initial Snapshot", type: "SKIPPED", data: {}, offset });
    } else {
      await runInitialSnapshot({
        capture: this.#deps,
        notifier: this.#notifier,
        position,
        tables: withoutSignals(settings, tables),
        signal,
        emit: (record) => this.#emit(record),
      });
      context.logger.info("Snapshot read.", { tables: tables.length });
      if (steps.stream && settings.streamingDelayMs > 0) await context.sleep(settings.streamingDelayMs, signal);
    }
    if (steps.stream && !signal.aborted) await this.#startStream(steps, position);
  }

  async #startStream({ fromSlot }: Plan, snapshot: SnapshotPosition | null): Promise<void> {
    const { settings, context, queue, confirmations } = this.#deps;
    const replication = this.#replication!;
    if (this.#temporarySlot !== null)
      await replication.query(`DROP_REPLICATION_SLOT ${quoteName(this.#temporarySlot)}`);
    const storedOffset = snapshot === null && !fromSlot ? this.#deps.storedOffset : null;
    const resumed = this.#resumed(snapshot, fromSlot);
    const reader = new ChangeReader({
      ...this.#deps,
      stored: resumed,
      storedOffset,
      lastOffset: snapshot === null ? storedOffset : snapshotOffset(snapshot, true),
      serverLsn: this.#serverLsn,
      slotLsn: this.#slotLsn,
      timeline: this.#timeline,
      emit: (record) => this.#emit(record),
      describe: (relation) => this.#hold.hold(this.#shape(relation), (shape) => reader.described(relation.oid, shape)),
      hold: (work, then) => this.#hold.hold(work, then),
      nowMs: () => context.nowMs(),
    });
    this.#reader = reader;
    const side = new SignalSide({
      capture: this.#deps,
      storedOffset,
      notifier: this.#notifier,
      stream: reader.state,
      signal: this.#stopped.signal,
      emit: (record) => this.#emit(record),
      added: this.#added,
      tables: async () => withoutSignals(settings, await this.#captured()),
      exclusively: (work) => this.#hold.exclusively(work),
    });
    this.#side = side;
    reader.watch = side.watch;
    await side.start();
    const stream = new ReplicationStream(
      replication,
      {
        change: (row, at, lsn) => reader.message(row, at, lsn) && !queue.full,
        idle: (walEnd) => this.#idle(walEnd),
        confirmedLsn: () => (settings.confirms ? confirmations.lsn : 0),
      },
      () => context.nowMs(),
    );
    // The log is read when somebody asks: what comes meanwhile comes in one piece, as the server sends almost row by row.
    queue.onTaken = () => replication.pause();
    const pace = new ReadPace({
      read: () => {
        if (queue.wanted && !this.#hold.isHeld) replication.resume();
      },
      receivedBytes: () => replication.receivedBytes,
      nowMs: () => context.nowMs(),
      sleep: (delayMs) => context.sleep(delayMs, this.#stopped.signal),
    });
    queue.onDemand = () => pace.demanded();
    failPoint("cdc.stream.before");
    await stream.start({
      slot: settings.slot.name,
      publication: settings.publication.name,
      startLsn: resumed?.commitLsn ?? 0,
      messages: true,
      params: settings.slot.streamParams,
    });
    this.#stream = stream;
    failPoint("cdc.stream.begun");
    if (this.#added.length > 0) await this.#readAdded(side, reader);
    this.#listening = side.run().catch((error) => queue.fail(error));
    this.#keepUp(stream, reader, side);
  }

  #resumed(snapshot: SnapshotPosition | null, fromSlot: boolean): StoredPosition | null {
    if (snapshot !== null) return positionAt(snapshot.resumeLsn);
    return fromSlot ? positionAt(this.#slotLsn) : this.#deps.stored;
  }

  /** Once a stored offset says that it has begun, a restart goes on with it. */
  async #readAdded(side: SignalSide, reader: ChangeReader): Promise<void> {
    const { maker, confirmations, settings } = this.#deps;
    await side.readAdded();
    this.#emit(maker.offsetOnly(reader.state.offset()));
    const mark = confirmations.mark();
    this.#begun = async () => {
      if (!confirmations.isCommitted(mark)) return false;
      await new AddedTables(this.#queries!, settings).forget();
      return true;
    };
  }

  #keepUp(stream: ReplicationStream, reader: ChangeReader, side: SignalSide): void {
    const { settings, context, queue } = this.#deps;
    const { signal } = this.#stopped;
    const queries = this.#queries!;
    const watch = new SlotWatch({
      settings,
      queries,
      logger: context.logger,
      metrics: context.metrics,
      letGo: () => this.#replication!.destroy(),
    });
    this.#ticking = runUpkeep({
      ...this.#deps,
      queries,
      reader,
      stream,
      watch,
      signal,
      emit: (record) => this.#emit(record),
      held: () => this.#hold.isHeld,
      asks: () => side.waits,
      settle: async () => {
        if (this.#begun !== null && (await this.#begun())) this.#begun = null;
      },
    }).catch((error) => {
      if (!signal.aborted) queue.fail(error);
    });
  }

  #emit(record: SourceRecord): void {
    this.#deps.queue.push(record);
    this.#deps.confirmations.emitted();
  }

  /** The server has nothing more up to here. */
  #idle(walEnd: number): boolean {
    this.#deps.confirmations.completed(walEnd);
    const work = !this.#hold.isHeld ? (this.#reader?.watch?.reached(walEnd) ?? null) : null;
    if (work !== null) this.#hold.hold(work, () => {});
    return work === null;
  }

  async #shape(relation: Relation): Promise<TableShape> {
    const { settings } = this.#deps;
    const { oid, schema, name, columns } = relation;
    const found = await this.#catalog.table(oid);
    // Dropped since: what the log says is all there is.
    const table = found ?? { oid, schema, name, comment: null, columns: [], key: [] };
    const types = await this.#catalog.types(columns.map((column) => column.typeOid));
    return shapeTable({
      settings,
      table: { ...table, schema, name },
      columns: columns.map((column) => ({ ...column, type: types.get(column.typeOid)! })),
    });
  }
}

/** Rows of signal tables are not read. */
function withoutSignals({ signals }: Settings, tables: readonly TableName[]): TableName[] {
  return tables.filter(
    ({ schema, name }) => !signals.tables.some((each) => each.schema === schema && each.name === name),
  );
}
