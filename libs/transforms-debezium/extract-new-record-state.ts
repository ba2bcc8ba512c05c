import { definePlugin, type Transformation } from "@millrace/connect";
import { EXTRACT_CONFIG, readExtractSettings } from "./extract-config.ts";
import { RowExtractor } from "./row-extractor.ts";

export const extractNewRecordState = definePlugin({
  type: "transformation",
  class: "io.debezium.transforms.ExtractNewRecordState",
  version: "3.6.0.Final",
  overview: "Replaces Debezium's change events by the rows they tell of: as they are after the change.",
  config: EXTRACT_CONFIG,
  create: () => extractNewRecordStateWith(new RowExtractor(readExtractSettings({}))),
});

function extractNewRecordStateWith(unconfigured: RowExtractor): Transformation {
  let extractor = unconfigured;
  return {
    configure(config) {
      extractor = new RowExtractor(readExtractSettings(config));
    },
    apply: (record) => extractor.apply(record),
  };
}
