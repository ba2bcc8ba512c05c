// Pure: schemas that do not depend on the table.
import { Schema, SchemaBuilder } from "@millrace/connect";

/** `source`: where an event comes from. */
export const SOURCE_SCHEMA = SchemaBuilder.struct()
  .name("io.debezium.connector.postgresql.Source")
  .version(1)
  .field("version", Schema.STRING)
  .field("connector", Schema.STRING)
  .field("name", Schema.STRING)
  .field("ts_ms", Schema.INT64)
  .field(
    "snapshot",
    SchemaBuilder.string()
      .name("io.debezium.data.Enum")
      .version(1)
      .optional()
      .parameter("allowed", "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental")
      .defaultValue("false")
      .build(),
  )
  .field("db", Schema.STRING)
  .field("sequence", Schema.OPTIONAL_STRING)
  .field("ts_us", Schema.OPTIONAL_INT64)
  .field("ts_ns", Schema.OPTIONAL_INT64)
  .field("schema", Schema.STRING)
  .field("table", Schema.STRING)
  .field("txId", Schema.OPTIONAL_INT64)
  .field("lsn", Schema.OPTIONAL_INT64)
  .field("xmin", Schema.OPTIONAL_INT64)
  .field("origin", Schema.OPTIONAL_STRING)
  .field("origin_lsn", Schema.OPTIONAL_INT64)
  .build();

/** `transaction`: which transaction an event belongs to. */
export const TRANSACTION_BLOCK = SchemaBuilder.struct()
  .name("event.block")
  .version(1)
  .optional()
  .field("id", Schema.STRING)
  .field("total_order", Schema.INT64)
  .field("data_collection_order", Schema.INT64)
  .build();

export const TRANSACTION_KEY = SchemaBuilder.struct()
  .name("io.debezium.connector.common.TransactionMetadataKey")
  .version(1)
  .field("id", Schema.STRING)
  .build();

export const EVENT_COLLECTION = SchemaBuilder.struct()
  .name("event.collection")
  .version(1)
  .optional()
  .field("data_collection", Schema.STRING)
  .field("event_count", Schema.INT64)
  .build();

export const TRANSACTION_VALUE = SchemaBuilder.struct()
  .name("io.debezium.connector.common.TransactionMetadataValue")
  .version(1)
  .field("status", Schema.STRING)
  .field("id", Schema.STRING)
  .field("event_count", Schema.OPTIONAL_INT64)
  .field("data_collections", SchemaBuilder.array(EVENT_COLLECTION).optional().build())
  .field("ts_ms", Schema.INT64)
  .build();

export const MESSAGE_KEY = SchemaBuilder.struct()
  .name("io.debezium.connector.postgresql.MessageKey")
  .version(1)
  .field("prefix", Schema.OPTIONAL_STRING)
  .build();

export const MESSAGE_BLOCK = SchemaBuilder.struct()
  .name("io.debezium.connector.postgresql.Message")
  .version(1)
  .field("prefix", Schema.OPTIONAL_STRING)
  .field("content", Schema.OPTIONAL_BYTES)
  .build();

/** Of logical messages: other members than an envelope. */
export const MESSAGE_VALUE = SchemaBuilder.struct()
  .name("io.debezium.connector.postgresql.MessageValue")
  .version(1)
  .field("op", Schema.STRING)
  .field("ts_ms", Schema.OPTIONAL_INT64)
  .field("source", SOURCE_SCHEMA)
  .field("transaction", TRANSACTION_BLOCK)
  .field("message", MESSAGE_BLOCK)
  .build();

export const HEARTBEAT_KEY = SchemaBuilder.struct()
  .name("io.debezium.connector.common.ServerNameKey")
  .version(1)
  .field("serverName", Schema.STRING)
  .build();

export const HEARTBEAT_VALUE = SchemaBuilder.struct()
  .name("io.debezium.connector.common.Heartbeat")
  .version(1)
  .field("ts_ms", Schema.INT64)
  .build();
