// Plugins that do their worst. `hostile.where` names a method, `hostile.how` what happens when it is called. And a neighbour,
// a well-behaved source that writes down when it was polled.
import { pbkdf2Sync } from "node:crypto";
import { appendFileSync, closeSync } from "node:fs";
import { ConfigDef, Schema } from "@millrace/connect";

const closed = new Set();

const ways = {
  throw() {
    throw new Error("hostile: thrown");
  },
  never: () => new Promise(() => {}),
  block() {
    for (;;);
  },
  async blockLater() {
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (;;);
  },
  blockRegex: () => /^(a+)+$/.test(`${"a".repeat(60)}b`),
  blockNative: () => pbkdf2Sync("hostile", "salt", 2_000_000_000, 64, "sha512"),
  exit: () => process.exit(3),
  abort: () => process.abort(),
  exitLater: () => void setTimeout(() => process.exit(3), 20),
  throwLater: () => void setTimeout(ways.throw, 20),
  rejectLater: () => void Promise.reject(new Error("hostile: rejected, and nobody waits")),
  emitError: () => void setTimeout(() => process.emit("error", new Error("hostile: emitted")), 20),
  leak() {
    const kept = [];
    setInterval(() => kept.push(new Array(500_000).fill(kept.length)), 5);
  },
  leakAtOnce() {
    for (const kept = []; ; ) kept.push(new Array(500_000).fill(kept.length));
  },
  kill: () => process.kill(process.pid, "SIGKILL"),
  crash: () => process.kill(process.pid, "SIGSEGV"),
  reallyExit: () => process.reallyExit(7),
  closeStreams() {
    for (const stream of [process.stdin, process.stdout, process.stderr]) stream.destroy();
    for (const fd of [0, 2]) if (!closed.has(fd)) closeSync(fd);
    for (const fd of [0, 2]) closed.add(fd);
  },
  disconnect: () => process.disconnect(),
  spam() {
    for (let i = 0; i < 20_000; i++) console.log("spam".repeat(25));
  },
};

/** @returns what the method answers, should it come to that. */
function acting(config, where, answer) {
  if (config["hostile.where"] === where) ways[config["hostile.how"]]();
  return answer;
}

/** As `acting`, in a method that may be waited for. */
async function awaited(config, where, answer) {
  if (config["hostile.where"] === where) await ways[config["hostile.how"]]();
  return answer;
}

const base = { version: "1", overview: "Does its worst.", config: new ConfigDef() };

function connector(task) {
  let config = {};
  return {
    start(_context, given) {
      config = given;
      return awaited(config, "connector.start");
    },
    taskConfigs: () => awaited(config, "connector.taskConfigs", [config]),
    stop: () => awaited(config, "connector.stop"),
    task,
  };
}

const source = {
  ...base,
  type: "source",
  class: "hostile.Source",
  exactlyOnceSupport: () => "SUPPORTED",
  validate: (config) => awaited(config, "validate", []),
  alterOffsets: (config) => awaited(config, "alterOffsets", false),
  create: () =>
    connector(() => {
      let context;
      let n = 0;
      return {
        start(given) {
          context = given;
          return awaited(context.config, "task.start");
        },
        async poll() {
          await context.sleep(20, context.signal);
          await awaited(context.config, "task.poll");
          n += 1;
          const { topic } = context.config;
          return [{ sourcePartition: {}, sourceOffset: { n }, topic, valueSchema: Schema.STRING, value: `${n}` }];
        },
        commit: () => awaited(context.config, "task.commit"),
        commitRecord: () => awaited(context.config, "task.commitRecord"),
        stop: () => awaited(context.config, "task.stop"),
      };
    }),
};

const sink = {
  ...base,
  type: "sink",
  class: "hostile.Sink",
  validate: (config) => awaited(config, "validate", []),
  create: () =>
    connector(() => {
      let config = {};
      return {
        start(context) {
          config = context.config;
          return awaited(config, "task.start");
        },
        open: () => awaited(config, "task.open"),
        put: (records) => awaited(config, records.length > 0 ? "task.put" : "task.put.empty"),
        flush: () => awaited(config, "task.flush"),
        close: () => awaited(config, "task.close"),
        stop: () => awaited(config, "task.stop"),
      };
    }),
};

const transform = {
  ...base,
  type: "transformation",
  class: "hostile.Transform",
  create() {
    let config = {};
    return {
      configure(given) {
        config = given;
        acting(config, "transform.configure");
      },
      apply: (record) => acting(config, "transform.apply", record),
      close: () => acting(config, "transform.close"),
    };
  },
};

const predicate = {
  ...base,
  type: "predicate",
  class: "hostile.Predicate",
  create() {
    let config = {};
    return {
      configure(given) {
        config = given;
      },
      test: () => acting(config, "predicate.test", true),
    };
  },
};

const text = (bytes) => (bytes === null ? null : Buffer.from(bytes).toString());

const converter = {
  ...base,
  type: "converter",
  class: "hostile.Converter",
  create() {
    let config = {};
    return {
      configure(given) {
        config = given;
        acting(config, "converter.configure");
      },
      fromConnectData: (_topic, _schema, value) => acting(config, "converter.from", Buffer.from(String(value))),
      toConnectData: (_topic, bytes) =>
        acting(config, "converter.to", { schema: Schema.OPTIONAL_STRING, value: text(bytes) }),
      close: () => acting(config, "converter.close"),
    };
  },
};

const neighbour = {
  ...base,
  type: "source",
  class: "hostile.Neighbour",
  exactlyOnceSupport: () => "SUPPORTED",
  create: () => ({
    start(_context, config) {
      this.config = config;
    },
    taskConfigs() {
      return [this.config];
    },
    stop() {},
    task() {
      let context;
      let polls = 0;
      return {
        start(given) {
          context = given;
        },
        async poll() {
          appendFileSync(context.config["ticks.file"], `${Date.now()}\n`);
          await context.sleep(10, context.signal);
          polls += 1;
          if (polls % 10 !== 0) return null;
          const { topic } = context.config;
          return [{ sourcePartition: {}, sourceOffset: { polls }, topic, valueSchema: Schema.STRING, value: "tick" }];
        },
        stop() {},
      };
    },
  }),
};

export default [source, sink, transform, predicate, converter, neighbour];
