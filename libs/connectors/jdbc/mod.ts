export { JdbcSource } from "./plugin.ts";
export { JdbcSink } from "./sink/jdbc-sink.ts";
