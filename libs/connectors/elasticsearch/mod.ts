export { ElasticsearchSink } from "./plugin.ts";
