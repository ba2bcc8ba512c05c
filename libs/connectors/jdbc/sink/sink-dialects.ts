// Pure: the dialect for a database.
import type { Product } from "../connection/jdbc-url.ts";
import { oracleSink, sqlserverSink } from "./dialects/merge-sink.ts";
import { mysqlSink } from "./dialects/mysql-sink.ts";
import { postgresSink } from "./dialects/postgres-sink.ts";
import { sqliteSink } from "./dialects/sqlite-sink.ts";
import type { SinkDialect } from "./sink-dialect.ts";
import type { JdbcSinkSettings } from "./sink-settings.ts";

const DIALECTS: Readonly<Record<Product, (settings: JdbcSinkSettings) => SinkDialect>> = {
  postgres: postgresSink,
  mysql: mysqlSink,
  sqlite: sqliteSink,
  sqlserver: sqlserverSink,
  oracle: oracleSink,
};

export function sinkDialect(product: Product, settings: JdbcSinkSettings): SinkDialect {
  return DIALECTS[product](settings);
}
