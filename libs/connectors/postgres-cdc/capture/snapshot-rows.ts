import { type OffsetMap, type SourceRecord, Struct } from "@millrace/connect";
import type { EventMaker } from "../events/event-maker.ts";
import type { FixedRow } from "../events/fixed-row.ts";
import { type SnapshotPosition, snapshotOffset } from "../events/offset-state.ts";
import { fixedSource, type SourceNames, type SourceParts, sourceBlock, timeOf } from "../events/source-blocks.ts";
import { SOURCE_SCHEMA } from "../events/source-schema.ts";
import type { RowContent } from "../tables/row-format.ts";
import type { TableShape } from "../tables/table-shape.ts";

export interface SnapshotRowsDeps {
  readonly names: SourceNames;
  readonly maker: EventMaker;
  readonly position: SnapshotPosition;
  /** Of all records; null: what an initial snapshot has. */
  readonly offset: OffsetMap | null;
  /** False: no more until there is room. */
  emit(record: SourceRecord): boolean;
  nowMs(): number;
}

/** A table whose rows come in; several may do so at the same time. */
export class TableRows {
  readonly shape: TableShape;
  readonly firstTable: boolean;
  count = 0;
  /** Waits until it is known whether another one follows. */
  held: RowContent | null = null;

  constructor(shape: TableShape, firstTable: boolean) {
    this.shape = shape;
    this.firstTable = firstTable;
  }
}

/** Makes records of a snapshot's rows. Markers say where a table and the whole snapshot begin and end. */
export class SnapshotRows {
  readonly #deps: SnapshotRowsDeps;
  /** Its last row waits: it may be the last of all. */
  #ended: TableRows | null = null;
  #total = 0;
  readonly #offset: OffsetMap;
  /** Rows of the same table within a millisecond differ in nothing but themselves. */
  #source: FixedRow | null = null;
  #sourceOf: TableShape | null = null;
  #sourceMs = 0;

  constructor(deps: SnapshotRowsDeps) {
    this.#deps = deps;
    this.#offset = deps.offset ?? snapshotOffset(deps.position, false);
  }

  get total(): number {
    return this.#total;
  }

  /** False: no more until there is room. */
  row(table: TableRows, row: RowContent): boolean {
    if (this.#ended !== null) this.#endTable(this.#ended);
    const { held } = table;
    table.held = row;
    table.count++;
    this.#total++;
    return held === null || this.#emit(table, held, marker(table, table.count === 2, false));
  }

  /** All rows of the table have come. */
  end(table: TableRows): void {
    if (table.held === null) return;
    if (this.#ended !== null) this.#endTable(this.#ended);
    this.#ended = table;
  }

  /** All tables have ended. */
  finish(): void {
    const table = this.#ended;
    if (table === null) return;
    this.#ended = null;
    this.#emit(table, table.held!, "last");
  }

  #endTable(table: TableRows): void {
    this.#ended = null;
    this.#emit(table, table.held!, marker(table, table.count === 1, true));
  }

  #emit(table: TableRows, row: RowContent, snapshot: string): boolean {
    const { shape } = table;
    const source =
      snapshot === "true" ? this.#sameSource(shape) : sourceBlock(this.#deps.names, this.#sourceParts(shape, snapshot));
    const last = snapshot === "last" && this.#deps.offset === null;
    const offset = last ? snapshotOffset(this.#deps.position, true) : this.#offset;
    return this.#deps.emit(this.#deps.maker.row("r", { shape, source, transaction: null, offset }, null, row));
  }

  /** A Struct of its own for each record, as transforms may change it; what it holds is made once. */
  #sameSource(shape: TableShape): Struct {
    const nowMs = this.#deps.nowMs();
    if (this.#source === null || this.#sourceOf !== shape || this.#sourceMs !== nowMs) {
      this.#source = fixedSource(this.#deps.names, this.#sourceParts(shape, "true"));
      this.#sourceOf = shape;
      this.#sourceMs = nowMs;
    }
    return new Struct(SOURCE_SCHEMA, this.#source);
  }

  #sourceParts(shape: TableShape, snapshot: string): SourceParts {
    const { position, nowMs } = this.#deps;
    return {
      time: timeOf(nowMs() * 1000),
      snapshot,
      commitLsn: position.commitLsn,
      schema: shape.schema,
      table: shape.name,
      txId: position.txId,
      lsn: position.lsn,
      xmin: null,
      origin: null,
      originLsn: null,
    };
  }
}

function marker({ firstTable }: TableRows, firstInTable: boolean, lastInTable: boolean): string {
  if (firstTable && firstInTable) return "first";
  if (lastInTable) return "last_in_data_collection";
  return firstInTable ? "first_in_data_collection" : "true";
}
