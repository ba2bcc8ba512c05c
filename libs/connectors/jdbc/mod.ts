export { JdbcSource } from "./plugin.ts";
