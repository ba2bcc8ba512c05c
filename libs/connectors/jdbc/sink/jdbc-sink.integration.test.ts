import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ConnectDate, Decimal, Schema, SchemaBuilder, Time, Timestamp } from "@millrace/connect";
import { type RecordParts, sinkRecord, startSink } from "../testing/sink-fixture.ts";
import { type TestDatabase, testServers } from "../testing/test-servers.ts";

const keySchema = SchemaBuilder.struct().field("id", Schema.INT32).build();
const orderSchema = SchemaBuilder.struct()
  .field("customer", Schema.OPTIONAL_STRING)
  .field("amount", Schema.OPTIONAL_INT64)
  .build();
const order = (id: number, customer: string | null, amount: number | bigint | null = null, parts: RecordParts = {}) =>
  sinkRecord(orderSchema, { customer, amount }, { keySchema, key: { id }, ...parts });
const tombstone = (id: number, parts: RecordParts = {}) => sinkRecord(null, null, { keySchema, key: { id }, ...parts });

/** What every dialect must do, on a real server. */
for (const { product, create } of testServers) {
  describe(`JdbcSink on ${product}`, () => {
    let database: TestDatabase;
    let topics = 0;
    before(async () => {
      database = await create("sink");
    });
    after(() => database.drop());

    const open: readonly [string, string] =
      product === "mysql" || product === "sqlite" ? ["`", "`"] : product === "sqlserver" ? ["[", "]"] : ['"', '"'];
    const quote = (name: string) => open[0] + name + open[1];
    const freshTopic = () => `t${process.pid}_${++topics}`;
    async function run(sql: string): Promise<void> {
      const connection = await database.open();
      await connection.execute(sql);
      await connection.close();
    }
    async function rows(topic: string, columns: readonly string[], orderBy = columns[0]!): Promise<unknown[][]> {
      const connection = await database.open();
      const list = columns.map(quote).join(", ");
      const result = await connection.query(`SELECT ${list} FROM ${quote(topic)} ORDER BY ${quote(orderBy)}`);
      await connection.close();
      return result.rows.map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value)));
    }
    const upsert = (topic: string, more = {}) => ({
      ...database.config,
      topics: topic,
      "auto.create": "true",
      "insert.mode": "upsert",
      "pk.mode": "record_key",
      ...more,
    });

    test("creates the table and upserts by the record's key; the last write of a key wins", async () => {
      const topic = freshTopic();
      const sink = await startSink(upsert(topic));
      const of = (id: number, customer: string, amount: number) => order(id, customer, amount, { topic });
      await sink.put([of(2, "b", 1), of(1, "a", 1), of(2, "b2", 2), of(1, "a2", 2), of(3, "c", 1)]);
      await sink.put([of(3, "c2", 2), of(4, "d", 1)]);
      await sink.stop();
      assert.deepEqual(await rows(topic, ["id", "customer", "amount"]), [
        [1, "a2", 2],
        [2, "b2", 2],
        [3, "c2", 2],
        [4, "d", 1],
      ]);
    });

    test("deletes rows of tombstones, and orders them with writes of the same key", async () => {
      const topic = freshTopic();
      const sink = await startSink(upsert(topic, { "delete.enabled": "true" }));
      const at = { topic };
      await sink.put([tombstone(9, at)]);
      await sink.put([order(1, "a", 1, at), order(2, "b", 1, at), order(3, "c", 1, at)]);
      await sink.put([
        tombstone(1, at),
        order(2, "b2", 2, at),
        tombstone(2, at),
        tombstone(3, at),
        order(3, "c2", null, at),
      ]);
      await sink.stop();
      assert.deepEqual(await rows(topic, ["id", "customer", "amount"]), [[3, "c2", null]]);
    });

    test("inserts with deletes keep their order", async () => {
      const topic = freshTopic();
      const sink = await startSink(upsert(topic, { "insert.mode": "insert", "delete.enabled": "true" }));
      const at = { topic };
      await sink.put([
        order(1, "a", 1, at),
        tombstone(1, at),
        order(1, "again", 2, at),
        order(2, "b", 1, at),
        tombstone(2, at),
      ]);
      await sink.stop();
      assert.deepEqual(await rows(topic, ["id", "customer"]), [[1, "again"]]);
    });

    test("the last write wins among keys that are the same to the database only", async () => {
      const topic = freshTopic();
      const same = {
        postgres: "VARCHAR(9) COLLATE alike",
        mysql: "VARCHAR(9) COLLATE utf8mb4_general_ci",
        sqlite: "VARCHAR(9) COLLATE NOCASE",
        sqlserver: "VARCHAR(9) COLLATE Latin1_General_CI_AS",
        oracle: "VARCHAR2(9) COLLATE BINARY_CI",
      }[product];
      if (product === "postgres") {
        await run("CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
      }
      const amount = `${quote("amount")} INTEGER`;
      await run(`CREATE TABLE ${quote(topic)} (${quote("code")} ${same} NOT NULL PRIMARY KEY, ${amount})`);
      const sink = await startSink(upsert(topic, { "pk.fields": "code", "fields.whitelist": "amount" }), {
        partitions: [{ topic, partition: 0 }],
      });
      const of = (key: string, n: number) =>
        sinkRecord(orderSchema, { amount: n }, { topic, keySchema: Schema.STRING, key });
      await sink.put([of("a", 1), of("A", 2), of("b", 3), of("c", 4), of("a", 5), of("C", 6), of("B", 7), of("c", 8)]);
      await sink.put([of("D", 1), of("d", 2)]);
      await sink.stop();
      assert.equal(sink.retries, 0);
      assert.deepEqual(
        (await rows(topic, ["amount"])).map(([n]) => n),
        [2, 5, 7, 8],
      );
    });

    test("updates rows that are there, and only those", async () => {
      const topic = freshTopic();
      const writer = await startSink(upsert(topic));
      await writer.put([order(1, "a", 1, { topic }), order(2, "b", 1, { topic })]);
      await writer.stop();
      const sink = await startSink(upsert(topic, { "insert.mode": "update", "fields.whitelist": "amount" }));
      await sink.put([order(2, "x", 5, { topic }), order(3, "y", 5, { topic }), order(2, "z", 6, { topic })]);
      await sink.stop();
      assert.deepEqual(await rows(topic, ["id", "customer", "amount"]), [
        [1, "a", 1],
        [2, "b", 6],
      ]);
    });

    test("takes keys from Kafka's coordinates, from the value and from a primitive key", async () => {
      const kafka = freshTopic();
      const byKafka = await startSink(upsert(kafka, { "pk.mode": "kafka" }));
      const record = sinkRecord(orderSchema, { customer: "a", amount: 1 }, { topic: kafka, partition: 3, offset: 7 });
      await byKafka.put([record]);
      await byKafka.put([record]);
      await byKafka.stop();
      assert.deepEqual(await rows(kafka, ["__connect_topic", "__connect_partition", "__connect_offset", "customer"]), [
        [kafka, 3, 7, "a"],
      ]);
      const value = freshTopic();
      const byValue = await startSink(upsert(value, { "pk.mode": "record_value", "pk.fields": "customer" }));
      const text = SchemaBuilder.struct().field("customer", Schema.STRING).field("amount", Schema.INT64).build();
      await byValue.put([1, 2].map((amount) => sinkRecord(text, { customer: "a", amount }, { topic: value })));
      await byValue.stop();
      assert.deepEqual(await rows(value, ["customer", "amount"]), [["a", 2]]);
      const primitive = freshTopic();
      const byKey = await startSink(upsert(primitive, { "pk.fields": "code" }));
      const keyed = { topic: primitive, keySchema: Schema.STRING, key: "k" };
      await byKey.put([sinkRecord(orderSchema, { customer: "a", amount: 1 }, keyed)]);
      await byKey.stop();
      assert.deepEqual(await rows(primitive, ["code", "customer"]), [["k", "a"]]);
    });

    test("writes every type, extremes too, and null", async () => {
      const topic = freshTopic();
      const schema = SchemaBuilder.struct()
        .field("n", Schema.INT32)
        .field("i8", Schema.OPTIONAL_INT8)
        .field("i16", Schema.OPTIONAL_INT16)
        .field("i64", Schema.OPTIONAL_INT64)
        .field("f32", Schema.OPTIONAL_FLOAT32)
        .field("f64", Schema.OPTIONAL_FLOAT64)
        .field("yes", Schema.OPTIONAL_BOOLEAN)
        .field("text", Schema.OPTIONAL_STRING)
        .field("bytes", Schema.OPTIONAL_BYTES)
        .field("money", Decimal.builder(2).optional().build())
        .field("day", ConnectDate.builder().optional().build())
        .field("clock", Time.builder().optional().build())
        .field("at", Timestamp.builder().optional().build())
        .build();
      const awkward = 'it\'s "quoted", \\ {NULL}, \u00e9\u{1f600}\nnull';
      const full = {
        n: 1,
        i8: 127,
        i16: -32768,
        i64: 9223372036854775807n,
        f32: 0.5,
        f64: -1.25e-7,
        yes: true,
        text: awkward,
        bytes: Uint8Array.from([0, 1, 92, 255]),
        money: Decimal.fromString("-12345678901234.05"),
        day: new Date(Date.UTC(2026, 10, 21)),
        clock: new Date(45_296_000),
        at: new Date(Date.UTC(2026, 10, 21, 17, 5, 6, 789)),
      };
      const texts = ["", "NULL", "null", "a,b", "{}", "it's", "\\N"];
      const sink = await startSink(upsert(topic, { "insert.mode": "insert", "pk.mode": "none" }));
      await sink.put([
        sinkRecord(schema, full, { topic }),
        sinkRecord(schema, { n: 2 }, { topic }),
        ...texts.map((text, i) => sinkRecord(schema, { n: 3 + i, text, yes: false }, { topic })),
      ]);
      await sink.stop();
      const connection = await database.open();
      const names = schema.fields.map(({ name }) => quote(name)).join(", ");
      const [first, second] = (await connection.query(`SELECT ${names} FROM ${quote(topic)} ORDER BY n`)).rows;
      await connection.close();
      const [n, i8, i16, i64, f32, f64, yes, text, bytes, money, day, clock, at] = first!;
      assert.deepEqual([n, i8, i16, f32, f64, text].map(String), ["1", "127", "-32768", "0.5", "-1.25e-7", awkward]);
      assert.equal(String(i64), "9223372036854775807");
      assert.equal(Number(yes), 1);
      assert.deepEqual([...(bytes as Uint8Array)], [0, 1, 92, 255]);
      assert.equal(Number(money), -12345678901234.05);
      if (product === "sqlite") {
        assert.deepEqual([day, clock, at], [full.day.getTime(), 45_296_000, full.at.getTime()]);
      } else {
        assert.match(String(day), /^2026-11-21/);
        assert.match(String(clock), /12:34:56/);
        assert.match(String(at), /^2026-11-21 17:05:06\.789/);
      }
      assert.deepEqual(second!.slice(1), new Array(12).fill(null));
      const expected = product === "oracle" ? texts.map((each) => (each === "" ? null : each)) : texts;
      assert.deepEqual(
        (await rows(topic, ["n", "text"])).slice(2).map(([, each]) => each),
        expected,
      );
    });

    test("writes batches of many bytes", async () => {
      const topic = freshTopic();
      const long = "it's long ".repeat(product === "oracle" ? 300 : 3000);
      const sink = await startSink(upsert(topic));
      await sink.put(Array.from({ length: 700 }, (_, id) => order(id, id + long, id, { topic })));
      await sink.stop();
      const written = await rows(topic, ["id", "customer"]);
      assert.equal(written.length, 700);
      assert.ok(written.every(([id, customer]) => customer === id + long));
    });

    test("adds missing columns when told so, with defaults, and not otherwise", async () => {
      const topic = freshTopic();
      const first = await startSink(upsert(topic));
      await first.put([order(1, "a", 1, { topic })]);
      const wider = SchemaBuilder.struct()
        .field("customer", Schema.OPTIONAL_STRING)
        .field("note", SchemaBuilder.string().defaultValue("it's new").build())
        .field("flag", SchemaBuilder.bool().optional().build())
        .build();
      const record = sinkRecord(wider, { customer: "b", flag: true }, { topic, keySchema, key: { id: 2 } });
      await assert.rejects(first.put([record]), {
        name: "ConnectError",
        message: new RegExp(
          `^Table "${topic}" is missing fields \\(\\[SinkRecordField\\{schema=Schema\\{STRING\\}, name='note', isPrimaryKey=false\\}, .*auto-evolution is disabled$`,
        ),
      });
      await first.stop();
      const sink = await startSink(upsert(topic, { "auto.evolve": "true" }));
      await sink.put([order(3, "c", 3, { topic }), record]);
      const needed = SchemaBuilder.struct().field("must", Schema.STRING).build();
      const bad = sinkRecord(needed, { must: "x" }, { topic, keySchema, key: { id: 4 } });
      await assert.rejects(
        sink.put([bad]),
        /Cannot ALTER TABLE .* to add missing field SinkRecordField\{.*name='must'.* as the field is not optional and does not have a default value/,
      );
      await sink.stop();
      const result = await rows(topic, ["id", "customer", "note", "flag"]);
      assert.deepEqual(
        result.map((row) => [row[0], row[1], row[2], row[3] === null ? null : Number(row[3])]),
        [
          [1, "a", "it's new", null],
          [2, "b", "it's new", 1],
          [3, "c", "it's new", null],
        ],
      );
    });

    test("says in Confluent's words what is missing", async () => {
      const topic = freshTopic();
      const sink = await startSink(upsert(topic, { "auto.create": "false" }), { connector: "my-sink" });
      await assert.rejects(
        sink.put([order(1, "a", 1, { topic })]),
        new RegExp(`Table "${topic}" is missing and auto-creation is disabled`),
      );
      await sink.stop();
      const another = await startSink(upsert(topic), { connector: "my-sink" });
      await assert.rejects(another.put([tombstone(1, { topic, offset: 5 })]), {
        message:
          "Sink connector 'my-sink' is configured with 'delete.enabled=false' and 'pk.mode=record_key' and therefore requires " +
          "records with a non-null Struct or String value and non-null Struct or String schema, but found record at " +
          `(topic='${topic}',partition=0,offset=5,timestamp=1) with a null value and null value schema.`,
      });
      await another.stop();
    });

    test("gives bad records to the reporter and writes all the others", async () => {
      const topic = freshTopic();
      const narrow = product === "oracle" ? "VARCHAR2(5)" : "VARCHAR(5)";
      const check = product === "sqlite" ? ` CHECK (LENGTH(${quote("customer")}) <= 5)` : "";
      await run(
        `CREATE TABLE ${quote(topic)} (${quote("id")} INTEGER NOT NULL, ${quote("customer")} ${narrow}${check}, ` +
          `${quote("amount")} INTEGER, PRIMARY KEY (${quote("id")}))`,
      );
      const sink = await startSink(upsert(topic), { reporter: true });
      const records = Array.from({ length: 100 }, (_, i) =>
        order(i, i % 25 === 7 ? "far too long" : "ok", i, { topic }),
      );
      await sink.put([...records, sinkRecord(null, { no: "schema" }, { topic, keySchema, key: { id: 1000 } })]);
      await sink.stop();
      assert.deepEqual(
        sink.reported.map(({ record }) => (record.key as { values: unknown[] }).values[0]),
        [7, 32, 57, 82, 1000],
      );
      assert.match(sink.reported[4]!.error.message, /requires records with a non-null Struct or String value/);
      assert.equal((await rows(topic, ["id"])).length, 96);
    });

    test("fails at once for a value that never fits, where there is no reporter", async () => {
      const topic = freshTopic();
      const sink = await startSink(upsert(topic, { "insert.mode": "insert" }));
      await sink.put([order(1, "a", 1, { topic })]);
      await assert.rejects(sink.put([order(2, "b", 1, { topic }), order(1, "twice", 1, { topic })]), (error) => {
        return (error as { retriable?: boolean }).retriable === false;
      });
      assert.equal(sink.retries, 0);
      await sink.stop();
      assert.deepEqual(await rows(topic, ["id"]), [[1]]);
    });

    test("tasks that change the same keys at the same time all get through", async () => {
      const topic = freshTopic();
      const config = upsert(topic, { "max.retries": "10" });
      const first = await startSink(config);
      await first.put([order(0, "start", 0, { topic })]);
      const sinks = [first, ...(await Promise.all([1, 2, 3].map(() => startSink(config))))];
      await Promise.all(
        sinks.map(async (sink, s) => {
          for (let round = 0; round < 15; round++) {
            const ids = Array.from({ length: 100 }, (_, i) => (i * 37 + round * 11 + s * 53) % 100);
            await sink.put(ids.map((id) => order(id, `task ${s}`, round, { topic })));
          }
        }),
      );
      const retries = sinks.reduce((sum, sink) => sum + sink.retries, 0);
      for (const sink of sinks) await sink.stop();
      assert.equal((await rows(topic, ["id"])).length, 100);
      if (product !== "sqlite") assert.equal(retries, 0, "keys are sorted: nobody waits in a circle");
    });

    test("what is not written yet is not committed, and a write that failed is made again before the next", async () => {
      const topic = freshTopic();
      const sink = await startSink(upsert(topic, { "auto.create": "false", "max.retries": "3" }));
      const ends = [{ topic, partition: 0, offset: 50 }];
      await sink.task.put([order(1, "a", 1, { topic, offset: 40 }), order(2, "b", 1, { topic, offset: 41 })]);
      assert.deepEqual(await sink.task.preCommit?.(ends), [{ topic, partition: 0, offset: 40 }]);
      await assert.rejects(
        async () => sink.task.put([order(3, "c", 1, { topic, offset: 42 })]),
        /auto-creation is disabled/,
      );
      const maker = await startSink(upsert(topic));
      await maker.put([order(9, "z", 9, { topic })]);
      await maker.stop();
      await sink.put([order(3, "c", 1, { topic, offset: 42 })]);
      assert.deepEqual(await sink.task.preCommit?.(ends), ends);
      await sink.stop();
      assert.deepEqual(await rows(topic, ["id"]), [[1], [2], [3], [9]]);
    });

    test("exactly once: a task goes on where the target says, and one that was replaced writes nothing", async () => {
      const topic = freshTopic();
      const partitions = [
        { topic, partition: 0 },
        { topic, partition: 1 },
      ];
      const config = upsert(topic, { "insert.mode": "insert", "pk.mode": "none", "millrace.delivery": "exactly-once" });
      const of = (offset: number, partition = 0) =>
        sinkRecord(orderSchema, { customer: `${partition}-${offset}`, amount: offset }, { topic, offset, partition });
      const options = { connector: topic, partitions };
      const zombie = await startSink({ ...config, "max.retries": "1" }, options);
      assert.deepEqual(zombie.rewinds, []);
      await zombie.put([of(0), of(1), of(10, 1)]);
      const heir = await startSink(config, options);
      assert.deepEqual(heir.rewinds, [
        { topic, partition: 0, offset: 2 },
        { topic, partition: 1, offset: 11 },
      ]);
      await heir.put([of(2)]);
      await assert.rejects(zombie.put([of(2)]), /Another task has taken over/);
      await heir.put([of(3), of(11, 1)]);
      await heir.stop();
      await zombie.stop();
      assert.deepEqual(await rows(topic, ["customer"]), [["0-0"], ["0-1"], ["0-2"], ["0-3"], ["1-10"], ["1-11"]]);
    });
  });
}
