import { ConfigError, type PluginContext } from "@millrace/connect";
import type { Database, Dialect } from "./dialect.ts";
import { postgresDialect } from "./postgres/postgres-dialect.ts";
import type { JdbcSourceSettings } from "./settings.ts";
import { sqlDialects } from "./sql/sql-dialects.ts";

const DIALECTS: readonly Dialect[] = [postgresDialect, ...sqlDialects];

/** @throws ConfigError when no dialect fits. */
export function openDatabase(settings: JdbcSourceSettings, sleep: PluginContext["sleep"]): Database {
  const { url, dialectName } = settings;
  const dialect = DIALECTS.find((each) => (dialectName === "" ? each.accepts(url) : each.name === dialectName));
  if (dialect !== undefined) return dialect.open(settings, sleep);
  const names = DIALECTS.map((each) => each.name).join(", ");
  throw new ConfigError(`No database dialect for this connection.url or dialect.name; supported: ${names}.`, {
    code: "DIALECT_UNKNOWN",
  });
}

/** An open database that has answered, after as many attempts as configured. */
export async function connectDatabase(
  settings: JdbcSourceSettings,
  context: PluginContext,
  signal?: AbortSignal,
): Promise<Database> {
  const database = openDatabase(settings, (delayMs, aborted) => context.sleep(delayMs, aborted));
  for (let attempt = 1; ; attempt++) {
    try {
      await database.check();
      return database;
    } catch (error) {
      const last = attempt >= settings.connectAttempts;
      context.logger.warn("Cannot connect to the database.", { attempt, attempts: settings.connectAttempts, error });
      if (last || signal?.aborted) {
        await database.close();
        throw error;
      }
      await context.sleep(settings.connectBackoffMs, signal);
    }
  }
}
