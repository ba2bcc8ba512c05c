import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, type SinkRecord } from "@millrace/connect";
import fc from "fast-check";
import { sinkRecord } from "../testing/sink-fixture.ts";
import { sortedByKey, TableBatch } from "./record-batch.ts";
import { RecordPlan } from "./record-plan.ts";
import { sinkColumns } from "./sink-columns.ts";
import { sinkDialect } from "./sink-dialects.ts";
import { jdbcSinkSettings } from "./sink-settings.ts";

const settings = jdbcSinkSettings({
  "connection.url": "jdbc:postgresql://h/d",
  "pk.mode": "record_key",
  "insert.mode": "upsert",
  "delete.enabled": "true",
});
const dialect = sinkDialect("postgres", settings);
const keySchema = SchemaBuilder.struct().field("id", Schema.INT32).build();
const valueSchemas = ["a", "b"].map((name) => SchemaBuilder.struct().field(name, Schema.OPTIONAL_INT32).build());
const table = { catalog: null, schema: null, name: "t" };
const planOf = (valueSchema: Schema | null) =>
  new RecordPlan(
    {
      table,
      columns: sinkColumns("t", settings, keySchema, valueSchema),
      keySchema,
      valueSchema,
      isDelete: valueSchema === null,
    },
    dialect,
    true,
  );
const plans = new Map([null, ...valueSchemas].map((schema) => [schema, planOf(schema)]));

/** What a table holds after writes: columns by name for each id. */
type Content = Map<unknown, Record<string, unknown>>;

function applied(kind: "insert" | "upsert" | "update", records: readonly SinkRecord[], start: Content): Content {
  const batch = new TableBatch(kind);
  for (const record of records) batch.add(record, plans.get(record.valueSchema)!);
  const content: Content = new Map([...start].map(([id, row]) => [id, { ...row }]));
  for (const { plan, kind: write, rows } of batch.take()) {
    const ids = rows.map(([id]) => id);
    assert.equal(new Set(ids).size, kind === "insert" ? new Set(ids).size : ids.length, "a key is in a statement once");
    for (const [id, ...values] of rows) {
      if (write === "delete") content.delete(id);
      else if (write !== "update" || content.has(id)) {
        const changes = Object.fromEntries(plan.columns.others.map(({ name }, i) => [name, values[i]]));
        content.set(id, write === "insert" ? changes : { ...content.get(id), ...changes });
      }
    }
  }
  return content;
}

function oneByOne(kind: "insert" | "upsert" | "update", records: readonly SinkRecord[], start: Content): Content {
  return records.reduce((content, record) => applied(kind, [record], content), start);
}

const anyRecord = fc
  .record({ id: fc.integer({ min: 0, max: 5 }), schema: fc.constantFrom(null, ...valueSchemas), n: fc.nat(9) })
  .map(({ id, schema, n }) =>
    sinkRecord(schema, schema === null ? null : { [schema.fields[0]!.name]: n }, { keySchema, key: { id } }),
  );

test("a batch leaves the table as its records one by one would, in every mode", () => {
  const start: Content = new Map([0, 1, 2].map((id) => [id, { a: -1, b: -1 }]));
  fc.assert(
    fc.property(
      fc.constantFrom("insert", "upsert", "update"),
      fc.array(anyRecord, { maxLength: 40 }),
      (kind, records) => {
        assert.deepEqual(applied(kind, records, start), oneByOne(kind, records, start));
      },
    ),
  );
});

test("rows are sorted by key in the same order whatever order they came in", () => {
  const key = fc.oneof(fc.integer(), fc.bigInt(), fc.stringMatching(/^[a-z0-9 ]*z$/), fc.constant(null));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, key)), fc.nat(), (rows, seed) => {
      const distinct = [
        ...new Map(rows.map((row) => [row.map((part) => `${typeof part}${part}`).join("|"), row])).values(),
      ];
      const shuffled = distinct.map((row, i) => [row, (i * 7919 + seed) % 101] as const).sort((a, b) => a[1] - b[1]);
      const sorted = sortedByKey(
        shuffled.map(([row]) => row),
        2,
      );
      assert.deepEqual(new Set(sorted), new Set(distinct));
      assert.deepEqual(sortedByKey([...sorted].reverse(), 2), sorted);
    }),
  );
});

test("keys that a database may take for the same stay in the order of their last writes", () => {
  const textKey = SchemaBuilder.struct().field("name", Schema.STRING).build();
  const [valueSchema] = valueSchemas as [Schema, Schema];
  const columns = sinkColumns("t", settings, textKey, valueSchema);
  const plan = new RecordPlan({ table, columns, keySchema: textKey, valueSchema, isDelete: false }, dialect, true);
  const batch = new TableBatch("upsert");
  for (const [a, name] of ["b", "É", "a", "B", "e ", "b", "E", "A"].entries()) {
    batch.add(sinkRecord(valueSchema, { a }, { keySchema: textKey, key: { name } }), plan);
  }
  const [{ rows }] = batch.take() as unknown as [{ rows: readonly (readonly unknown[])[] }];
  assert.deepEqual(
    rows.map(([name]) => name),
    ["a", "A", "B", "b", "É", "e ", "E"],
  );
});
