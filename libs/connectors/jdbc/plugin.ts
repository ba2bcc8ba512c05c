import { type ConfigProblem, definePlugin, isConnectError, type TaskConfig } from "@millrace/connect";
import { jdbcSourceConfigDef } from "./config-keys.ts";
import { settingsProblems } from "./config-problems.ts";
import { openDatabase } from "./connect.ts";
import { exactlyOnceSupport } from "./delivery-guarantee.ts";
import type { Database } from "./dialect.ts";
import { JdbcSourceConnector } from "./jdbc-source-connector.ts";
import { jdbcSourceSettings } from "./settings.ts";
import { JdbcSink } from "./sink/jdbc-sink.ts";

export const JdbcSource = definePlugin({
  type: "source",
  class: "io.confluent.connect.jdbc.JdbcSourceConnector",
  version: "10.10.0",
  overview: "Copies new and changed rows of database tables and queries to topics by polling them.",
  config: jdbcSourceConfigDef,
  create: () => new JdbcSourceConnector(),
  exactlyOnceSupport,
  validate: async (config) => {
    const problems = settingsProblems(config);
    return problems.length > 0 ? problems : connectionProblems(config);
  },
});

export default [JdbcSource, JdbcSink];

/** A validation tries again at once. */
const NO_WAIT = async () => {};

/** Of the connection on each of its keys, of the query on its own, as Confluent's connector reports them. */
async function connectionProblems(config: TaskConfig): Promise<ConfigProblem[]> {
  const settings = jdbcSourceSettings(config);
  try {
    const database = openDatabase(settings, NO_WAIT);
    try {
      await database.check();
      return settings.query === "" ? [] : await queryProblems(database, settings.query, config);
    } finally {
      await database.close();
    }
  } catch (error) {
    if (!isConnectError(error)) throw error;
    const message = `Could not connect to database. ${error.message}`;
    return ["connection.url", "connection.user", "connection.password"].map((name) => ({ name, message }));
  }
}

async function queryProblems(database: Database, query: string, config: TaskConfig): Promise<ConfigProblem[]> {
  try {
    await database.describeQuery(query);
    return [];
  } catch (error) {
    if (!isConnectError(error)) throw error;
    const name = (config.query ?? "").trim() === "" ? "query.masked" : "query";
    const message =
      "The configured query is not valid and has database/connection errors. Please provide the correct query by " +
      "validating the query syntax and the existing table/column names with the database being connected " +
      `(SQLState: ${error.code})`;
    return [{ name, message: name === "query" ? `${message}: ${error.message}` : message }];
  }
}
