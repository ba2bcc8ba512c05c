// Pure: the columns of a result as the server describes them.
import type { RowSink } from "./row-tap.ts";
import type { ResultColumn } from "./sql.ts";

/** Keeps the columns of a query's RowDescription: the driver's own copy lacks the type modifiers. */
export class ResultDescription implements RowSink {
  columns: ResultColumn[] = [];

  row(): void {}

  described(bytes: Buffer, at: number): void {
    const count = bytes.readUInt16BE(at);
    let from = at + 2;
    this.columns = Array.from({ length: count }, () => {
      const end = bytes.indexOf(0, from);
      const column = {
        name: bytes.toString("utf8", from, end),
        table: bytes.readUInt32BE(end + 1),
        place: bytes.readUInt16BE(end + 5),
        type: bytes.readUInt32BE(end + 7),
        modifier: bytes.readInt32BE(end + 13),
      };
      from = end + 19;
      return column;
    });
  }
}
