import { ConfigDef, definePlugin, type Plugin, Schema, type SourceTaskContext } from "@millrace/connect";

/** When each task was polled, by `connector-task`: simulated hosts are in this process. */
export const polls = new Map<string, number[]>();

const POLL_MS = 10;

/** A source that is polled a hundred times a second and numbers its records: one of ten polls gives one. Setting: `tasks`. */
const ticking = definePlugin({
  type: "source",
  class: "test.Ticking",
  version: "1",
  overview: "Ticks.",
  config: new ConfigDef(),
  exactlyOnceSupport: () => "SUPPORTED",
  create: () => {
    let config: Readonly<Record<string, string>> = {};
    return {
      start(_context, given) {
        config = given;
      },
      taskConfigs: () => Array.from({ length: Number(config.tasks ?? 1) }, (_, part) => ({ part: `${part}` })),
      stop() {},
      task() {
        let context: SourceTaskContext;
        let name = "";
        let n = 0;
        let count = 0;
        return {
          async start(given) {
            context = given;
            name = `${given.connector}-${given.task}`;
            n = Number((await given.offsets.offset({ name }))?.n ?? 0);
          },
          async poll() {
            polls.set(name, [...(polls.get(name) ?? []), context.nowMs()]);
            await context.sleep(POLL_MS, context.signal);
            count++;
            if (count % 10 !== 0) return null;
            n++;
            const value = `${name}:${n}`;
            return [
              { sourcePartition: { name }, sourceOffset: { n }, topic: "out", valueSchema: Schema.STRING, value },
            ];
          },
          stop() {},
        };
      },
    };
  },
});

export default [ticking] satisfies Plugin[];
