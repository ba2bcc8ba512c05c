// Pure: rows of one query, kept as received until their values are asked for.
import { type Schema, Struct } from "@millrace/connect";
import type { Rows } from "../dialect.ts";
import { type ReadColumn, ReceivedRow, readField } from "./received-row.ts";
import type { RowSink } from "./row-tap.ts";
import type { RowBytes } from "./row-text.ts";

/** What came in one piece: rows from number `first` on, by where each begins and ends. */
interface Piece {
  readonly received: RowBytes;
  readonly first: number;
  readonly places: number[];
}

export interface RowKind {
  readonly schema: Schema;
  /** Of the schema's fields. */
  readonly columns: readonly ReadColumn[];
  /** Of one column more, behind them. */
  readonly last?: ReadColumn;
}

export class RowCollector implements RowSink, Rows {
  length = 0;
  bytes = 0;
  readonly #kind: RowKind;
  readonly #refusing: boolean;
  readonly #pieces: Piece[] = [];
  /** Of the row asked for last: the next is mostly in it too. */
  #piece = 0;

  constructor(kind: RowKind) {
    this.#kind = kind;
    this.#refusing = kind.columns.some((column) => column.refuses === true);
  }

  row(received: RowBytes, at: number, end: number): void {
    let piece = this.#pieces.at(-1);
    if (piece?.received !== received) {
      piece = { received, first: this.length, places: [] };
      this.#pieces.push(piece);
    }
    piece.places.push(at + 2, end);
    this.length++;
    this.bytes += end - at;
  }

  value(row: number, field: number): unknown {
    const { received, first, places } = this.#pieceOf(row);
    const { columns, last } = this.#kind;
    return readField(received, places[2 * (row - first)]!, field, columns[field] ?? last!);
  }

  struct(row: number): Struct {
    const { received, first, places } = this.#pieceOf(row);
    const { schema, columns } = this.#kind;
    const place = 2 * (row - first);
    const start = places[place]!;
    const packed = new ReceivedRow(columns, received, start, places[place + 1]! - start);
    if (this.#refusing) packed.check();
    return Struct.ofPacked(schema, packed);
  }

  #pieceOf(row: number): Piece {
    const pieces = this.#pieces;
    if (row < pieces[this.#piece]!.first) this.#piece = 0;
    while (this.#piece + 1 < pieces.length && pieces[this.#piece + 1]!.first <= row) this.#piece++;
    return pieces[this.#piece]!;
  }
}
