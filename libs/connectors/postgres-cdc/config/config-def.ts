// Pure: every key the Postgres CDC source can be configured with.
import { ConfigDef } from "@millrace/connect";
import { connectorKeys } from "./connector-keys.ts";
import { databaseKeys } from "./database-keys.ts";
import { eventKeys } from "./event-keys.ts";
import { keyDefinitions } from "./key-row.ts";
import { ownKeys } from "./own-keys.ts";
import { valueKeys } from "./value-keys.ts";

export const postgresCdcConfigDef = new ConfigDef();
for (const definition of [
  ...keyDefinitions("Postgres", databaseKeys),
  ...keyDefinitions("Connector", [...connectorKeys, ...valueKeys]),
  ...keyDefinitions("Events", eventKeys),
  ...keyDefinitions("Millrace", ownKeys),
]) {
  postgresCdcConfigDef.define(definition);
}
