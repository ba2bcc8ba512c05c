// Pure: change data capture from the Postgres that a benchmark has started.

/** @param name of the slot, and what topics begin with. */
export function captureConfig(database: URL, name: string, table: string): Record<string, string> {
  return {
    "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
    "database.hostname": database.hostname,
    "database.port": database.port,
    "database.user": "postgres",
    "database.password": "none",
    "database.dbname": "postgres",
    "plugin.name": "pgoutput",
    "topic.prefix": name,
    "slot.name": name,
    "table.include.list": `public.${table}`,
    "snapshot.mode": "no_data",
    "topic.creation.default.partitions": "1",
    "topic.creation.default.replication.factor": "1",
  };
}
