import { ConfigDef, DataError, definePlugin, type Plugin, type SourceTaskContext } from "@millrace/connect";
import { numberedTask } from "./numbered-source.ts";

/**
 * The numbered source as a plugin that a task host loads: settings `total`, `hang` (no poll ends once this number has been
 * polled) and `poison` (the first poll fails). A connector with `hang.connector` never stops.
 */
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
    start(_context, config) {
      this.stop = config["hang.connector"] === "true" ? () => new Promise(() => {}) : () => {};
    },
    taskConfigs: (tasksMax) => Array.from({ length: tasksMax }, () => ({})),
    stop() {},
    task() {
      let polled = 0;
      let context: SourceTaskContext;
      let script = numberedTask({ total: 0 });
      return {
        start(given) {
          context = given;
          script = numberedTask({ total: Number(given.config.total ?? 10) });
          return script.start?.(given);
        },
        async poll() {
          const { hang, poison } = context.config;
          if (poison === "true") throw new DataError("poison");
          if (hang !== undefined && polled >= Number(hang)) return new Promise<never>(() => {});
          const records = await script.poll(context);
          polled += records?.length ?? 0;
          return records;
        },
        stop() {},
      };
    },
  }),
});

export default [numberedSource] satisfies Plugin[];
