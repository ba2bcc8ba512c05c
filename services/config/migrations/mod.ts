import { connectors } from "./0001-connectors.ts";
import { passwords } from "./0002-passwords.ts";

/** In the order in which they run. A published one is never changed. */
export const configMigrations = [connectors, passwords];
