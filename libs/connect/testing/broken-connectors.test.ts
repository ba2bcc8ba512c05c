import {
  RetriableError,
  Schema,
  type SinkTask,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
} from "../mod.ts";
import type { Check } from "./check.ts";
import { about, mustFind } from "./must-find.ts";
import { sinkChecks } from "./test-sink.ts";
import { sourceChecks } from "./test-source.ts";

type Script = (context: SourceTaskContext, from: number) => Partial<SourceTask>;
const numbered = (n: number): SourceRecord => ({
  sourcePartition: { p: 1 },
  sourceOffset: { n },
  topic: "t",
  valueSchema: Schema.INT64,
  value: n,
});
/** Gives 1 to 10, one per poll, unless the script does something else. */
function source(script: Script, options: { readonly timeoutMs?: number } = {}): readonly Check[] {
  return sourceChecks(
    {
      ...about,
      type: "source",
      create: () => ({
        start() {},
        taskConfigs: () => [{}],
        stop() {},
        task() {
          let own: Partial<SourceTask> = {};
          let next = 1;
          return {
            async start(context) {
              next = Number((await context.offsets.offset({ p: 1 }))?.n ?? 0) + 1;
              own = {
                poll: async () => {
                  if (next <= 10) return [numbered(next++)];
                  await context.sleep(500, context.signal).catch(() => {});
                  return null;
                },
                stop() {},
                ...script(context, next),
              };
            },
            poll: () => own.poll?.() ?? null,
            stop: () => own.stop?.(),
          };
        },
      }),
    },
    { config: {}, records: 10, timeoutMs: 500, ...options },
  );
}
mustFind("nothing wrong with a source that is right", () => source(() => ({})));
mustFind("nothing wrong with a source that has no end", () =>
  source((_context, from) => {
    let next = from;
    return { poll: () => [numbered(next++), numbered(next++), numbered(next++)] };
  }),
);
mustFind(
  "a source that starts over",
  () =>
    source(() => {
      let next = 1;
      return { poll: () => (next <= 10 ? [numbered(next++)] : null) };
    }),
  /goes on after any committed record.*After record 1 of 10 .* should be the one with offset {"n":2}: record\.value was 2 and is 1/,
);
mustFind(
  "a source whose offsets run ahead",
  () =>
    source((_context, from) => {
      let next = from;
      return { poll: () => (next <= 10 ? [{ ...numbered(next), sourceOffset: { n: next++ + 1 } }] : null) };
    }),
  /goes on after any committed record/,
);
mustFind(
  "a source that uses a record object again",
  () =>
    source((_context, from) => {
      const record = { ...numbered(from) };
      let next = from;
      return {
        poll() {
          if (next > 10) return null;
          Object.assign(record, { value: next, sourceOffset: { n: next++ } });
          return [record];
        },
      };
    }),
  /never changes records it has handed over: A record changed after it was polled/,
  /goes on after any committed record/,
);
mustFind(
  "a source that waits without its signal",
  () =>
    source((context, from) => {
      let next = from;
      return {
        async poll() {
          if (next <= 10) return [numbered(next++)];
          await context.sleep(500);
          return null;
        },
      };
    }),
  /ends a waiting poll.*did not end within 500 ms of the signal: give `context\.signal`/,
);
mustFind(
  "a source whose poll waits for minutes",
  () =>
    source((context, from) => {
      let next = from;
      return {
        async poll() {
          await context.sleep(120_000, context.signal);
          return next <= 10 ? [numbered(next++)] : null;
        },
      };
    }),
  /A poll waited for 120000 ms: give null or \[\] after about a second/,
);
mustFind(
  "offsets that JSON cannot hold",
  () =>
    source((_context, from) => {
      let next = from;
      return {
        poll: () =>
          next <= 10 ? [{ ...numbered(next), sourceOffset: { n: next++, at: new Date(0) as never } }] : null,
      };
    }),
  /The entry 'at' of a source partition or offset is a object/,
);
mustFind(
  "a source with a new schema for each record",
  () =>
    source((_context, from) => {
      let next = from;
      const schema = () => new Schema({ type: "INT64" });
      return { poll: () => (next <= 10 ? [{ ...numbered(next++), valueSchema: schema() }] : null) };
    }),
  /build a schema once and use it again/,
);
mustFind(
  "a source that gives too little",
  () => source(() => ({ poll: () => null })),
  /0 records came within 500 ms, where this test says 10/,
);

function sink(task: () => SinkTask, unreachable = false): readonly Check[] {
  return sinkChecks(
    {
      ...about,
      type: "sink",
      create: () => ({ start() {}, taskConfigs: (max) => Array.from({ length: max }, () => ({})), stop() {}, task }),
    },
    {
      config: {},
      records: [{ value: "a" }, { value: "b" }, { value: "c" }],
      timeoutMs: 500,
      ...(unreachable && { unreachable: {} }),
    },
  );
}
mustFind("nothing wrong with a sink that is right", () => sink(() => ({ start() {}, put() {}, stop() {} })));
mustFind("nothing wrong with a sink that asks for a retry now and then", () =>
  sink(() => {
    let puts = 0;
    return {
      start() {},
      put() {
        if (++puts % 2 === 1) throw new RetriableError("busy");
      },
      stop() {},
    };
  }),
);
mustFind(
  "a sink that commits more than was put",
  () =>
    sink(() => ({
      start() {},
      put() {},
      preCommit: (offsets) => offsets.map((each) => ({ ...each, offset: each.offset + 1 })),
      stop() {},
    })),
  /preCommit gives offset \d of acceptance-0, where records up to \d were put: give the offset behind/,
);
mustFind(
  "a sink that changes its records",
  () =>
    sink(() => ({
      start() {},
      put: (records) => records.forEach((record) => void Object.assign(record, { value: null })),
      stop() {},
    })),
  /never changes the records: It changes what it was given: records\[0\]\.value was a and is null/,
);
mustFind(
  "a sink that swallows records while its destination is away",
  () => sink(() => ({ start() {}, put() {}, stop() {} }), true),
  /put and preCommit go well though the destination cannot be reached/,
);
mustFind(
  "a sink that cannot be stopped when it never started",
  () =>
    sink(() => {
      let opened: { close(): void } | undefined;
      return {
        start() {
          opened = { close() {} };
        },
        put() {},
        stop: () => opened!.close(),
      };
    }),
  /stop\(\) of a task that never started fails: TypeError/,
);
