import { type ConfigProblem, definePlugin, isConnectError, type TaskConfig } from "@millrace/connect";
import { jdbcSourceConfigDef } from "./config-keys.ts";
import { openDatabase } from "./connect.ts";
import { JdbcSourceConnector } from "./jdbc-source-connector.ts";
import { exactlyOnceSupport, jdbcSourceSettings, settingsProblems } from "./settings.ts";

export const JdbcSource = definePlugin({
  type: "source",
  class: "io.confluent.connect.jdbc.JdbcSourceConnector",
  version: "10.10.0",
  overview: "Copies new rows of database tables (Postgres so far) to topics by polling them.",
  config: jdbcSourceConfigDef,
  create: () => new JdbcSourceConnector(),
  exactlyOnceSupport,
  validate: async (config) => {
    const problems = settingsProblems(config);
    return problems.length > 0 ? problems : connectionProblems(config);
  },
});

export default [JdbcSource];

/** On every key of the connection, as Confluent's connector reports them. */
async function connectionProblems(config: TaskConfig): Promise<ConfigProblem[]> {
  try {
    const database = openDatabase(jdbcSourceSettings(config));
    try {
      await database.check();
    } finally {
      await database.close();
    }
    return [];
  } catch (error) {
    if (!isConnectError(error)) throw error;
    const message = `Could not connect to database. ${error.message}`;
    return ["connection.url", "connection.user", "connection.password"].map((name) => ({ name, message }));
  }
}
