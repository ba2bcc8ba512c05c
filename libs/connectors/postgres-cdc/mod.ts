export { PostgresCdc } from "./plugin.ts";
