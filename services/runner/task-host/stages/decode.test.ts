import assert from "node:assert/strict";
import { test } from "node:test";
import type { Converter, HeaderConverter, SinkRecord, Transformation } from "@millrace/connect";
import type { ConsumedRecord } from "@millrace/kafka";
import { originOf } from "./consumed-origin.ts";
import { SinkDecoder } from "./decode.ts";
import { TransformChain } from "./transform-chain.ts";

type ToConnectData = Converter["toConnectData"];
const plain: ToConnectData = (_topic, data) => ({ schema: null, value: data && new TextDecoder().decode(data) });
const later: ToConnectData = async (...given) => plain(...given);
const fails: ToConnectData = () => {
  throw new Error("unreadable");
};
const failsLater: ToConnectData = async () => fails("", null);

const message: ConsumedRecord = {
  topic: "in",
  partition: 3,
  offset: 9,
  key: new TextEncoder().encode("k"),
  value: new TextEncoder().encode("v"),
  headers: [{ key: "h", value: new TextEncoder().encode("x") }],
  timestampMs: 5,
  timestampType: "LogAppendTime",
};

function open(
  options: {
    key?: ToConnectData;
    value?: ToConnectData;
    header?: boolean;
    apply?: (record: SinkRecord) => SinkRecord | null;
    keepOrigin?: boolean;
  } = {},
) {
  const converter = (toConnectData: ToConnectData): Converter => ({
    configure() {},
    fromConnectData: () => null,
    toConnectData,
  });
  const header: HeaderConverter = {
    configure() {},
    fromConnectHeader: () => null,
    toConnectHeader(_topic, _key, data) {
      if (options.header === false) throw new Error("unreadable");
      return { schema: null, value: new TextDecoder().decode(data!) };
    },
  };
  const { apply = (record: SinkRecord) => record } = options;
  const transformation = { configure() {}, apply } as unknown as Transformation;
  return new SinkDecoder({
    chain: new TransformChain([{ alias: "t", className: "T", transformation, condition: null }]),
    converters: {
      key: converter(options.key ?? plain),
      value: converter(options.value ?? plain),
      header,
      classes: { key: "K", value: "V", header: "H" },
      versions: { key: "1", value: "2", header: "3" },
    },
    keepOrigin: options.keepOrigin ?? false,
  });
}

test("SinkDecoder decodes without a promise where the converters need none, and waits where they do", async () => {
  const decoded = open().decode(message);
  assert.ok(decoded !== null && !(decoded instanceof Promise));
  const { headers, ...rest } = decoded;
  assert.deepEqual(rest, {
    topic: "in",
    partition: 3,
    offset: 9,
    key: "k",
    keySchema: null,
    value: "v",
    valueSchema: null,
    timestamp: 5,
    timestampType: "LogAppendTime",
    originalTopic: "in",
    originalPartition: 3,
    originalOffset: 9,
  });
  assert.deepEqual([...headers], [{ key: "h", value: "x", schema: null }]);
  for (const options of [{ key: later }, { value: later }, { key: later, value: later }]) {
    const waited = open(options).decode(message);
    assert.ok(waited instanceof Promise);
    assert.deepEqual(await waited, decoded);
  }
});

test("SinkDecoder says what failed, and with which class", async () => {
  const apply = () => {
    throw new Error("broken");
  };
  const cases = [
    [{ key: fails }, "KEY_CONVERTER", "K"],
    [{ value: fails }, "VALUE_CONVERTER", "V"],
    [{ header: false }, "HEADER_CONVERTER", "H"],
    [{ apply }, "TRANSFORMATION", "T"],
    [{ key: failsLater }, "KEY_CONVERTER", "K"],
    [{ value: failsLater }, "VALUE_CONVERTER", "V"],
    [{ key: later, value: fails }, "VALUE_CONVERTER", "V"],
    [{ key: later, header: false }, "HEADER_CONVERTER", "H"],
    [{ value: later, apply }, "TRANSFORMATION", "T"],
  ] as const;
  for (const [options, stage, executing] of cases) {
    const decoder = open(options);
    await assert.rejects(async () => decoder.decode(message));
    assert.deepEqual([decoder.stage, decoder.executing], [stage, executing]);
  }
});

test("SinkDecoder keeps the coordinates that a record was consumed with, whatever a transform makes of it", () => {
  const decoded = open({ apply: (record) => ({ ...record, topic: "other", partition: 0 }) }).decode(message);
  const { topic, partition, originalTopic, originalPartition, originalOffset } = decoded as SinkRecord;
  assert.deepEqual([topic, partition, originalTopic, originalPartition, originalOffset], ["other", 0, "in", 3, 9]);
  assert.equal(open({ apply: () => null }).decode(message), null);
});

test("SinkDecoder lets records and their copies remember what they were made of, only where it is asked for", () => {
  const decoded = open({ keepOrigin: true }).decode(message) as SinkRecord;
  assert.equal(originOf(decoded), message);
  assert.equal(originOf({ ...decoded, value: "changed" }), message);
  assert.equal(originOf(open().decode(message) as SinkRecord), null);
});
