import { connectors } from "./0001-connectors.ts";

/** In the order in which they run. A published one is never changed. */
export const configMigrations = [connectors];
