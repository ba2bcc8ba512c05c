import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, DataError, definePlugin, type Plugin, type SourceRecord } from "@millrace/connect";
import type { PreviewStep } from "@millrace/protocol";
import transforms from "@millrace/transforms/plugin";
import { openHostFixture, record, type ScriptedTask } from "../../testing/host-fixture.ts";
import { openSinkFixture } from "../../testing/sink-fixture.ts";
import { previewConnector } from "./preview.ts";

const hoist = {
  transforms: "wrap,drop",
  "transforms.wrap.type": "org.apache.kafka.connect.transforms.HoistField$Value",
  "transforms.wrap.field": "line",
  "transforms.drop.type": "test.DropOdd",
};

const dropOdd: Plugin = definePlugin({
  type: "transformation",
  class: "test.DropOdd",
  version: "1",
  overview: "Drops records whose offset is odd; cannot bear 4.",
  config: new ConfigDef(),
  create: () => ({
    configure() {},
    apply(given) {
      const { n } = (given as unknown as SourceRecord).sourceOffset as { n: number };
      if (n === 4) throw new DataError("cannot bear 4");
      return n % 2 === 1 ? null : given;
    },
  }),
});

function open(task: ScriptedTask, more: Record<string, string> = {}) {
  const fixture = openHostFixture({ task: () => task, plugins: [...transforms, dropOdd] });
  const config = { "connector.class": "test.ScriptedSource", name: "c", ...more };
  return {
    ...fixture,
    async preview(records: number, changes: Record<string, string> = {}) {
      let open = true;
      const answer = previewConnector(fixture.env, { connector: "c", config: { ...config, ...changes }, records });
      answer.catch(() => {}).finally(() => (open = false));
      while (open) await fixture.clock.advance(50);
      return answer;
    },
  };
}

const told = ({ stage, alias, record: shown, bytes, error }: PreviewStep) =>
  [stage, alias, shown?.value ?? bytes?.value ?? null, error].filter((each) => each !== null);

test("a source's preview shows each record after each step, and writes nothing", async () => {
  const calls: string[] = [];
  let polled = 0;
  const { preview, cluster } = open(
    {
      poll: () => (polled++ === 0 ? [record(2), record(3), record(4)] : null),
      commit: () => void calls.push("commit"),
      commitRecord: () => void calls.push("commitRecord"),
      stop: () => void calls.push("stop"),
    },
    hoist,
  );
  const { type, records, ended } = await preview(3);
  assert.deepEqual([type, ended], ["source", "records"]);
  assert.deepEqual(
    records.map(({ steps }) => steps.map(told)),
    [
      [
        ["poll", '"a2"'],
        ["transform", "wrap", '{"line":"a2"}'],
        ["transform", "drop", '{"line":"a2"}'],
        ["convert", { text: "Struct{line=a2}" }],
      ],
      [
        ["poll", '"a3"'],
        ["transform", "wrap", '{"line":"a3"}'],
        ["transform", "drop"],
      ],
      [
        ["poll", '"a4"'],
        ["transform", "wrap", '{"line":"a4"}'],
        ["transform", "drop", "org.apache.kafka.connect.errors.DataException: cannot bear 4"],
      ],
    ],
  );
  const [poll, wrap] = records[0]!.steps;
  assert.deepEqual([poll?.record?.sourceOffset, poll?.record?.topic], ['{"n":2}', "out"]);
  assert.deepEqual(
    [wrap?.record?.valueSchema, wrap?.class],
    ["STRUCT {line STRING}", "org.apache.kafka.connect.transforms.HoistField$Value"],
  );
  assert.deepEqual([calls, cluster.log("out"), cluster.log("connect-offsets")], [["stop"], [], []]);
});

test("a preview ends when its time is up, with what came", async () => {
  const { preview, clock } = open({ poll: () => null });
  const startMs = clock.nowMs();
  const { records, ended } = await preview(5);
  assert.deepEqual([records, ended], [[], "time"]);
  assert.ok(clock.nowMs() - startMs < 11_000);
});

test("a preview of what cannot run says why", async () => {
  const { preview } = open({
    start() {
      throw new DataError("no such table");
    },
    poll: () => null,
  });
  await assert.rejects(preview(1), { message: /no such table/ });
  await assert.rejects(preview(1, { "tasks.max": "0" }), {
    code: "INVALID",
    message: /^The configuration has errors:\n.*tasks\.max/s,
  });
});

test("a connector that does not come back is given up", async () => {
  const { preview } = open({ poll: () => new Promise(() => {}) });
  await assert.rejects(preview(1), {
    code: "TIMEOUT",
    message: "The connector did not stop when the preview was over",
  });
});

test("a connector that leaves traces when it polls is not previewed", async () => {
  const plugin = definePlugin({
    type: "source",
    class: "test.Traces",
    version: "1",
    overview: "",
    config: new ConfigDef(),
    previews: false,
    create: () => ({}) as never,
  });
  const { env } = openHostFixture({ plugins: [plugin] });
  const config = { "connector.class": "test.Traces", name: "c" };
  await assert.rejects(previewConnector(env, { connector: "c", config, records: 1 }), {
    code: "INVALID",
    message: /leaves traces outside when it polls/,
  });
});

test("a sink's preview shows the newest records of its topics, from bytes on, and puts none", async () => {
  const fixture = openSinkFixture({}, { plugins: [...transforms] });
  const { env, clock, write, calls, committed } = fixture;
  await write(["one", "two", "three"]);
  const config = {
    "connector.class": "test.ScriptedSink",
    name: "c",
    topics: "in",
    transforms: "wrap",
    "transforms.wrap.type": "org.apache.kafka.connect.transforms.HoistField$Value",
    "transforms.wrap.field": "line",
  };
  let open = true;
  const answer = previewConnector(env, { connector: "c", config, records: 2 });
  answer.catch(() => {}).finally(() => (open = false));
  while (open) await clock.advance(50);
  const { type, records, ended } = await answer;
  assert.deepEqual([type, ended], ["sink", "records"]);
  assert.deepEqual(
    records.map(({ steps }) => steps.map(told)),
    ["two", "three"].map((value) => [
      ["consume", { text: value }],
      ["convert", `"${value}"`],
      ["transform", "wrap", `{"line":"${value}"}`],
    ]),
  );
  assert.deepEqual([calls, committed()], [[], null]);
});
