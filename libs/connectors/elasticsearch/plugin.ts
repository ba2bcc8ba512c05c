import { definePlugin } from "@millrace/connect";
import { elasticsearchConfigDef } from "./config/config-def.ts";
import { configProblems } from "./config/config-problems.ts";
import { connectionProblems } from "./connection-problems.ts";
import { ElasticsearchSinkConnector } from "./elasticsearch-sink-connector.ts";

export const ElasticsearchSink = definePlugin({
  type: "sink",
  class: "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector",
  version: "15.1.0",
  overview: "Writes records of topics to indices or data streams of Elasticsearch or OpenSearch.",
  config: elasticsearchConfigDef,
  create: () => new ElasticsearchSinkConnector(),
  validate: async (config) => {
    const problems = configProblems(config);
    return problems.length > 0 ? problems : connectionProblems(config);
  },
});

export default [ElasticsearchSink];
