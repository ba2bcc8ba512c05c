import { definePlugin, type TaskConfig } from "@millrace/connect";
import { openConnection } from "../connection/connection.ts";
import { JdbcSinkConnector } from "./jdbc-sink-connector.ts";
import { OffsetTable } from "./offset-table.ts";
import { jdbcSinkConfigDef } from "./sink-config-keys.ts";
import { jdbcSinkSettings, sinkSettingsProblems } from "./sink-settings.ts";

export const JdbcSink = definePlugin({
  type: "sink",
  class: "io.confluent.connect.jdbc.JdbcSinkConnector",
  version: "10.10.0",
  overview: "Writes records to tables of a database: Postgres, MySQL, MariaDB, SQLite, SQL Server or Oracle.",
  config: jdbcSinkConfigDef,
  create: () => new JdbcSinkConnector(),
  validate: sinkSettingsProblems,
  alterOffsets: async (config, offsets) => {
    const settings = jdbcSinkSettings(config);
    // Otherwise the consumer group's offsets are all there is.
    if (settings.exactlyOnce) await setStoredOffsets(config, offsets);
    return true;
  },
});

async function setStoredOffsets(
  config: TaskConfig,
  offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number | null }[],
): Promise<void> {
  const { url, user, password, properties } = jdbcSinkSettings(config);
  const never = () => new Promise<void>(() => {});
  const connection = await openConnection({ url, user, password, properties, sleep: never });
  try {
    const table = new OffsetTable(config.name ?? "", connection);
    for (const { offset, ...partition } of offsets) await table.set(connection, partition, offset);
  } finally {
    await connection.close();
  }
}
