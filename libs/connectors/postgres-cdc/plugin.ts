import { type ConfigProblem, type DeletionContext, definePlugin, type TaskConfig } from "@millrace/connect";
import { PostgresCdcConnector } from "./capture/postgres-cdc-connector.ts";
import { dropSlot } from "./capture/slot.ts";
import { postgresCdcConfigDef } from "./config/config-def.ts";
import { configProblems } from "./config/config-problems.ts";
import { cdcSettings } from "./config/settings.ts";
import { PgConnection } from "./wire/pg-connection.ts";
import { PgError } from "./wire/pg-error.ts";

export const PostgresCdc = definePlugin({
  type: "source",
  class: "io.debezium.connector.postgresql.PostgresConnector",
  version: "3.6.0.Final",
  overview:
    "Sends every change of Postgres tables to topics: first the rows there are, then each insert, update and delete.",
  config: postgresCdcConfigDef,
  create: () => new PostgresCdcConnector(),
  // It would make a slot and a publication, and take the slot from the connector that runs.
  previews: false,
  exactlyOnceSupport: () => "SUPPORTED",
  validate: async (config) => {
    const problems = configProblems(config);
    return problems.length > 0 ? problems : connectionProblems(config);
  },
  onDelete,
});

export default [PostgresCdc];

/** The publication stays: others may read it, and it costs the server nothing. */
async function onDelete(config: TaskConfig, context: DeletionContext): Promise<void> {
  const { slot, address } = cdcSettings(config);
  if (!slot.dropOnDelete) return;
  const connection = await PgConnection.open(address, {});
  try {
    const wasThere = await dropSlot(connection, slot.name, context);
    context.logger.info(wasThere ? "Replication slot dropped." : "There was no replication slot to drop.", {
      slot: slot.name,
    });
  } finally {
    await connection.close();
  }
}

async function connectionProblems(config: TaskConfig): Promise<ConfigProblem[]> {
  try {
    const connection = await PgConnection.open(cdcSettings(config).address, {});
    await connection.close();
    return [];
  } catch (error) {
    const reason = error instanceof PgError ? error.shown : error instanceof Error ? error.message : String(error);
    return [{ name: "database.hostname", message: `Error while validating connector config: ${reason}` }];
  }
}
