import assert from "node:assert/strict";
import { after } from "node:test";
import { Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { testSink } from "@millrace/connect/testing";
import { testServers } from "../testing/test-servers.ts";
import { JdbcSink } from "./jdbc-sink.ts";

const schema = SchemaBuilder.struct().field("name", Schema.STRING).field("size", Schema.OPTIONAL_INT64).build();
const names = ["one", "two", "three", "four"];

for (const { product, create } of testServers) {
  const database = await create("acceptance_sink");
  after(() => database.drop());
  for (const delivery of ["at-least-once", "exactly-once"]) {
    const table = `accepted_${delivery.replaceAll("-", "_")}_${process.pid}`;
    const config = {
      ...database.config,
      name: `acceptance-${product}`,
      "table.name.format": table,
      "auto.create": "true",
      "insert.mode": "upsert",
      "pk.mode": "record_key",
      "pk.fields": "code",
      "delete.enabled": "true",
      "millrace.delivery": delivery,
      "connection.attempts": "1",
    };
    const verify = async () => {
      const connection = await database.open();
      const open = product === "postgres" || product === "oracle" ? '"' : "";
      const { rows } = await connection.query(`SELECT ${open}name${open} FROM ${open}${table}${open}`);
      await connection.close();
      assert.deepEqual(rows.map(([name]) => name).sort(), [...names].sort());
    };
    testSink(JdbcSink, {
      config,
      records: names.map((name, i) => ({
        keySchema: Schema.STRING,
        key: name,
        valueSchema: schema,
        value: new Struct(schema).put("name", name).put("size", i),
      })),
      verify,
      ...(product === "postgres"
        ? { unreachable: { ...config, "connection.url": "jdbc:postgresql://127.0.0.1:9/none" } }
        : {}),
    });
  }
}
