import { ConfigDef, definePlugin, type Plugin, type SourceTaskContext } from "@millrace/connect";
import { record } from "./host-fixture.ts";
import { numberedTask } from "./numbered-source.ts";

/** The numbered source as a plugin that a task host loads: settings `total` and `hang` (`stop`: its last poll never ends). */
const numberedSource = definePlugin({
  type: "source",
  class: "test.NumberedSource",
  version: "1",
  overview: "Numbers from 1 to `total`.",
  config: new ConfigDef().define({
    name: "total",
    type: "INT",
    default: 10,
    importance: "LOW",
    documentation: "Last.",
  }),
  exactlyOnceSupport: () => "SUPPORTED",
  create: () => ({
    start() {},
    taskConfigs: (tasksMax) => Array.from({ length: tasksMax }, () => ({})),
    stop() {},
    task() {
      let context: SourceTaskContext;
      let script = numberedTask({ total: 0 });
      return {
        start(given) {
          context = given;
          script = numberedTask({ total: Number(given.config.total ?? 10) });
          return script.start?.(given);
        },
        poll: () => (context.config.hang === "poll" ? new Promise(() => record(0)) : script.poll(context)),
        stop() {},
      };
    },
  }),
});

export default [numberedSource] satisfies Plugin[];
