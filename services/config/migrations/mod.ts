import { connectors } from "./0001-connectors.ts";
import { passwords } from "./0002-passwords.ts";
import { historyPasswords } from "./0003-history-passwords.ts";

/** In the order in which they run. A published one is never changed. */
export const configMigrations = [connectors, passwords, historyPasswords];
