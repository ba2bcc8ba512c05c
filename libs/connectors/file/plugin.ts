import { definePlugin, type SinkConnector, type SourceConnector, type TaskConfig } from "@millrace/connect";
import { FileSinkTask, fileSinkConfigDef } from "./file-sink-task.ts";
import { checkFileOffsets, fileSourceConfig, fileSourceConfigDef } from "./file-source-config.ts";
import { FileSourceTask } from "./file-source-task.ts";

const VERSION = "4.3.1";

export const FileStreamSource = definePlugin({
  type: "source",
  class: "org.apache.kafka.connect.file.FileStreamSourceConnector",
  version: VERSION,
  overview: "Reads lines from a file, or from the standard input, and keeps following it as it grows.",
  config: fileSourceConfigDef,
  create: fileSourceConnector,
  exactlyOnceSupport: (config) => (fileSourceConfig(config).file === null ? "UNSUPPORTED" : "SUPPORTED"),
  alterOffsets: checkFileOffsets,
});

export const FileStreamSink = definePlugin({
  type: "sink",
  class: "org.apache.kafka.connect.file.FileStreamSinkConnector",
  version: VERSION,
  overview: "Appends the value of each record to a file, or to the standard output, as a line of text.",
  config: fileSinkConfigDef,
  create: fileSinkConnector,
  // The consumer group's offsets are all there is.
  alterOffsets: () => true,
});

export default [FileStreamSource, FileStreamSink];

/** One task whatever `tasks.max` says: there is one input. */
function fileSourceConnector(): SourceConnector {
  let config: TaskConfig = {};
  return {
    start(_context, given) {
      config = given;
    },
    taskConfigs: () => [config],
    stop() {},
    task: () => new FileSourceTask(),
  };
}

/** Every task appends to the same file. */
function fileSinkConnector(): SinkConnector {
  let config: TaskConfig = {};
  return {
    start(_context, given) {
      config = given;
    },
    taskConfigs: (tasksMax) => Array.from({ length: tasksMax }, () => config),
    stop() {},
    task: () => new FileSinkTask(),
  };
}
