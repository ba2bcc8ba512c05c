import { definePlugin, type Transformation } from "@millrace/connect";
import { LOGICAL_TABLE_CONFIG, readLogicalTableSettings } from "./logical-table-config.ts";
import { LogicalTables } from "./logical-tables.ts";

export const byLogicalTableRouter = definePlugin({
  type: "transformation",
  class: "io.debezium.transforms.ByLogicalTableRouter",
  version: "3.6.0.Final",
  overview: "Brings Debezium's change events of several tables into one topic, as if they were one table.",
  config: LOGICAL_TABLE_CONFIG,
  create: (): Transformation => {
    let tables: LogicalTables | null = null;
    return {
      configure(config) {
        tables = new LogicalTables(readLogicalTableSettings(config));
      },
      apply: (record) => (tables === null ? record : tables.apply(record)),
    };
  },
});
