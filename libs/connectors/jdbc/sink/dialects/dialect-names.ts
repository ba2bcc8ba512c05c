// Pure: the dialects `dialect.name` may name, and the databases they are for.
import type { Product } from "../../connection/jdbc-url.ts";

export const DIALECT_OF: Readonly<Record<Product, string>> = {
  postgres: "PostgreSqlDatabaseDialect",
  mysql: "MySqlDatabaseDialect",
  sqlite: "SqliteDatabaseDialect",
  sqlserver: "SqlServerDatabaseDialect",
  oracle: "OracleDatabaseDialect",
};

export const SINK_DIALECT_NAMES: readonly string[] = Object.values(DIALECT_OF);
