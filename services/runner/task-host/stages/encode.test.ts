import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectHeaders, type Converter, DataError, type HeaderConverter } from "@millrace/connect";
import { record } from "../../testing/host-fixture.ts";
import { SourceEncoder } from "./encode.ts";
import { TransformChain } from "./transform-chain.ts";

const bytes = (value: unknown) => new TextEncoder().encode(String(value));
const text = (value: Uint8Array | null | undefined) => (value ? new TextDecoder().decode(value) : value);

type FromConnectData = Converter["fromConnectData"];
const plain: FromConnectData = (_topic, _schema, value) => (value === null ? null : bytes(value));

function open(options: { key?: FromConnectData; value?: FromConnectData } = {}) {
  const converter = (fromConnectData: FromConnectData): Converter => ({
    configure() {},
    fromConnectData,
    toConnectData: () => ({ schema: null, value: null }),
  });
  const header: HeaderConverter = {
    configure() {},
    fromConnectHeader: (_topic, _key, _schema, value) => bytes(value),
    toConnectHeader: () => ({ schema: null, value: null }),
  };
  return new SourceEncoder(new TransformChain([]), {
    key: converter(options.key ?? plain),
    value: converter(options.value ?? plain),
    header,
    classes: { key: "K", value: "V", header: "H" },
    versions: { key: "1", value: "2", header: "3" },
  });
}

test("SourceEncoder encodes without a promise where the converters need none", () => {
  const headers = new ConnectHeaders();
  headers.add("h", 7, null);
  const encoded = open().encode({ ...record(1), key: "k", partition: 3, timestamp: 99, headers });
  assert.ok(encoded !== null && !(encoded instanceof Promise));
  assert.deepEqual([encoded.topic, encoded.partition, encoded.timestampMs], ["out", 3, 99]);
  assert.deepEqual(
    [text(encoded.key), text(encoded.value), encoded.headers?.map(({ key, value }) => [key, text(value)])],
    ["k", "a1", [["h", "7"]]],
  );
});

test("SourceEncoder encodes headers that records share once, and anew when they have changed", () => {
  const headers = new ConnectHeaders().addString("h", "a");
  const encoder = open();
  const encode = (given: ConnectHeaders, topic = "out") => {
    const encoded = encoder.encode({ ...record(1), topic, headers: given });
    assert.ok(encoded !== null && !(encoded instanceof Promise));
    return encoded.headers!;
  };
  const shown = (given: ConnectHeaders) => encode(given).map(({ key, value }) => [key, text(value)]);
  const first = encode(headers);
  assert.equal(encode(headers), first);
  assert.notEqual(encode(headers, "other"), first);
  headers.addString("h", "b").apply((header) => ({ ...header, value: `${header.value}!` }));
  assert.deepEqual(shown(headers), [
    ["h", "a!"],
    ["h", "b!"],
  ]);
  assert.deepEqual(shown(headers.remove("h")), []);
  const list = [1];
  const changing = new ConnectHeaders().add("l", list);
  shown(changing);
  list.push(2);
  assert.deepEqual(shown(changing), [["l", "1,2"]]);
});

test("SourceEncoder leaves partition and time to the producer where the record says nothing", () => {
  for (const timestamp of [undefined, null, -1]) {
    const encoded = open().encode({ ...record(1), ...(timestamp === undefined ? {} : { timestamp }) });
    assert.ok(encoded !== null && !(encoded instanceof Promise));
    assert.deepEqual([encoded.partition, encoded.timestampMs, encoded.key], [-1, 0, null]);
  }
});

test("SourceEncoder refuses a timestamp before 1970", () => {
  assert.throws(() => open().encode({ ...record(1), timestamp: -2 }), /Invalid record timestamp -2/);
});

test("SourceEncoder waits for converters that answer later", async () => {
  const later: FromConnectData = async (topic, schema, value) => plain(topic, schema, value);
  for (const options of [{ key: later }, { value: later }, { key: later, value: later }]) {
    const encoded = await open(options).encode({ ...record(1), key: "k" });
    assert.deepEqual([text(encoded?.key), text(encoded?.value)], ["k", "a1"]);
  }
});

test("SourceEncoder names the stage and class that failed", async () => {
  const fail: FromConnectData = () => {
    throw new DataError("no");
  };
  const failLater: FromConnectData = async () => {
    throw new DataError("no");
  };
  for (const [options, stage, executing] of [
    [{ key: fail }, "KEY_CONVERTER", "K"],
    [{ value: fail }, "VALUE_CONVERTER", "V"],
    [{ key: failLater }, "KEY_CONVERTER", "K"],
    [{ value: failLater }, "VALUE_CONVERTER", "V"],
  ] as const) {
    const encoder = open(options);
    await assert.rejects(async () => encoder.encode(record(1)), /no/);
    assert.deepEqual([encoder.stage, encoder.executing], [stage, executing]);
  }
});

test("SourceEncoder leaves no rejection unhandled when key and value both fail, in any order", async () => {
  const unhandled: unknown[] = [];
  const listen = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", listen);
  const soon: FromConnectData = async () => {
    throw new DataError("soon");
  };
  const slow: FromConnectData = async () => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    throw new DataError("slow");
  };
  const now: FromConnectData = () => {
    throw new DataError("now");
  };
  for (const options of [
    { key: slow, value: soon },
    { key: soon, value: slow },
    { key: soon, value: now },
  ]) {
    await assert.rejects(async () => open(options).encode(record(1)));
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  }
  process.off("unhandledRejection", listen);
  assert.deepEqual(unhandled, []);
});
