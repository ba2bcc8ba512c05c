import { type ConnectRecord, Schema, SchemaBuilder, type SourceRecord, Struct } from "@millrace/connect";
import { testTransformation } from "@millrace/connect/testing";
import { eventRouter } from "./event-router.ts";
import { extractNewRecordState } from "./extract-new-record-state.ts";

const ROW = SchemaBuilder.struct().name("db.public.users.Value").optional().field("id", Schema.INT64).build();
const SOURCE = SchemaBuilder.struct().name("source").field("table", Schema.STRING).field("ts_ms", Schema.INT64).build();
const ENVELOPE = envelopeOf("users", ROW);

/** What Debezium sends of a table. */
function envelopeOf(table: string, row: Schema): Schema {
  return SchemaBuilder.struct()
    .name(`db.public.${table}.Envelope`)
    .field("before", row)
    .field("after", row)
    .field("source", SOURCE)
    .field("op", Schema.STRING)
    .field("ts_ms", Schema.OPTIONAL_INT64)
    .build();
}

function change(op: string): SourceRecord {
  const row = new Struct(ROW).put("id", 7);
  const value = new Struct(ENVELOPE)
    .put("before", op === "c" ? null : row)
    .put("after", op === "d" ? null : row)
    .put("source", new Struct(SOURCE).put("table", "users").put("ts_ms", 1))
    .put("op", op)
    .put("ts_ms", 2);
  const position = { sourcePartition: { server: "db" }, sourceOffset: { lsn: 5 } };
  return { ...position, topic: "db.public.users", key: "7", keySchema: Schema.STRING, valueSchema: ENVELOPE, value };
}
const tombstone: ConnectRecord = { ...change("d"), valueSchema: null, value: null };

for (const config of [{}, { "delete.tombstone.handling.mode": "rewrite", "add.fields": "op,source.ts_ms" }]) {
  testTransformation(extractNewRecordState, {
    config,
    records: [change("c"), change("u"), change("d"), tombstone],
    // Debezium's own says no more than "Unable to validate config.".
    refusesByConfigError: false,
  });
}

const OUTBOX = SchemaBuilder.struct()
  .name("db.public.outbox.Value")
  .optional()
  .field("id", Schema.STRING)
  .field("aggregatetype", Schema.STRING)
  .field("aggregateid", Schema.STRING)
  .field("type", Schema.STRING)
  .field("payload", Schema.OPTIONAL_STRING)
  .build();
const OUTBOX_ENVELOPE = envelopeOf("outbox", OUTBOX);
const event = new Struct(OUTBOX_ENVELOPE)
  .put(
    "after",
    new Struct(OUTBOX)
      .put("id", "e1")
      .put("aggregatetype", "order")
      .put("aggregateid", "7")
      .put("type", "Placed")
      .put("payload", '{"total":3}'),
  )
  .put("source", new Struct(SOURCE).put("table", "outbox").put("ts_ms", 1))
  .put("op", "c")
  .put("ts_ms", 2);

testTransformation(eventRouter, {
  records: [{ ...change("c"), valueSchema: OUTBOX_ENVELOPE, value: event }],
  // Debezium's own does not read the tracing keys.
  refusesByConfigError: false,
});
