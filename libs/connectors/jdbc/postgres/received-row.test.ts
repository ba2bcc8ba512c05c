import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal } from "@millrace/connect";
import fc from "fast-check";
import { columnType } from "./column-types.ts";
import { type ReadColumn, ReceivedRow, readField } from "./received-row.ts";
import { ReceivedBytes } from "./row-text.ts";

const mapping = { numericMapping: "best_fit", timestampGranularity: "connect_logical", timeZone: "UTC" } as const;
const numeric = (precision: number, scale: number) => ((precision << 16) | scale) + 4;

function column(name: string, type: string, modifier = -1): ReadColumn {
  return {
    name,
    ...columnType({ name, type, kind: "b", modifier, nullable: true, autoIncrement: false }, mapping)!,
  };
}
const COLUMNS = [
  column("id", "int8"),
  column("amount", "numeric", numeric(20, 2)),
  column("count", "numeric", numeric(9, 0)),
  column("at", "timestamptz"),
  column("note", "text"),
];

function received(...texts: (string | null)[]): ReceivedRow {
  const parts = texts.flatMap((text) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(text === null ? -1 : Buffer.byteLength(text));
    return [length, Buffer.from(text ?? "")];
  });
  const bytes = Buffer.concat([Buffer.from("x"), ...parts]);
  return new ReceivedRow(COLUMNS, new ReceivedBytes(bytes), 1, bytes.length - 1);
}

test("ReceivedRow finds its fields, and reads them one by one and together", () => {
  const row = received("-5", "10.50", null, "2024-05-17 13:45:10.25+00", "grün");
  const bounds = new Int32Array(2 * COLUMNS.length);
  row.locate(bounds);
  const one = COLUMNS.map((_, i) =>
    bounds[2 * i + 1] === -1 ? null : row.value(i, bounds[2 * i]!, bounds[2 * i + 1]!),
  );
  const expected = [-5, new Decimal(1050, 2), null, new Date("2024-05-17T13:45:10.250Z"), "grün"];
  assert.deepEqual(one, expected);
  assert.deepEqual(row.values(), expected);
  assert.deepEqual(
    COLUMNS.map((each, i) => readField(row.received, row.start, i, each)),
    expected,
  );
});

test("ReceivedRow.check refuses what reading refuses, at once", () => {
  received("1", "12345678901234567.25", "123456789", "infinity", "").check();
  received(null, null, null, null, null).check();
  assert.throws(() => received("1", "NaN", "1", null, null).check(), /Column amount: Not a finite number.*NaN/);
  assert.throws(() => received("1", "1.5", "NaN", null, null).check(), /Column count: Not a finite number: NaN/);
  assert.throws(() => received("1", "1.555", "1", null, null).check(), /Column amount: 1.555 does not fit/);
});

test("the form of a column says the same as reading it", () => {
  const cents = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n });
  const decimal = (unscaled: bigint) => new Decimal(unscaled, 2).toString();
  const instants = fc.date({
    min: new Date(-62_135_596_800_000),
    max: new Date(253_402_300_799_999),
    noInvalidDate: true,
  });
  const postgresText = (date: Date) => `${date.toISOString().replace("T", " ").slice(0, -1)}+00`;
  fc.assert(
    fc.property(cents, instants, (unscaled, date) => {
      const texts = [String(unscaled), decimal(unscaled), null, postgresText(date), null];
      const row = received(...texts);
      const [id, amount, , at] = row.values() as [number | bigint, Decimal, null, Date];
      assert.equal(String(id), texts[0]);
      assert.equal(amount.unscaled, unscaled);
      assert.deepEqual(at, date);
      const bounds = new Int32Array(2 * COLUMNS.length);
      row.locate(bounds);
      const number = (i: number) => COLUMNS[i]!.number!(row.bytes, bounds[2 * i]!, bounds[2 * i + 1]!);
      assert.ok(Number.isNaN(number(1)) || BigInt(number(1)) === unscaled);
      assert.equal(number(3), date.getTime());
    }),
  );
});
