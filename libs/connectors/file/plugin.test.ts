import assert from "node:assert/strict";
import { test } from "node:test";
import plugins, { FileStreamSource } from "./plugin.ts";

const config = { file: "/tmp/in.txt", topic: "t" };

test("FileStreamSource supports exactly once for a file, not for the standard input", () => {
  assert.equal(FileStreamSource.exactlyOnceSupport(config), "SUPPORTED");
  assert.equal(FileStreamSource.exactlyOnceSupport({ topic: "t" }), "UNSUPPORTED");
});

test("FileStreamSource has one task, whatever tasks.max says", async () => {
  const connector = FileStreamSource.create();
  await connector.start({} as never, config);
  assert.deepEqual(await connector.taskConfigs(5), [config]);
});

test("FileStreamSource checks altered offsets with Connect's messages", () => {
  const partition = { filename: "/tmp/in.txt" };
  const alter = (offset: Record<string, number | string> | null, given: Record<string, string> = partition) =>
    FileStreamSource.alterOffsets(config, [{ partition: given, offset }]);
  assert.equal(alter({ position: 3 }), true);
  assert.equal(alter(null, {}), true);
  assert.throws(() => alter({}), /^ConnectError: Offset objects should either be null or contain the key 'position'$/);
  assert.throws(
    () => alter({ position: "3" }),
    /The value for the 'position' key in the offset is expected to be a Long value/,
  );
  assert.throws(() => alter({ position: -1 }), /should be a non-negative value/);
  assert.throws(() => alter({ position: 1 }, {}), /Partition objects should contain the key 'filename'/);
  assert.throws(
    () => FileStreamSource.alterOffsets({ topic: "t" }, []),
    /Offsets cannot be modified if the 'file' configuration is unspecified/,
  );
});

test("the file plugins carry the names Connect users know", () => {
  assert.deepEqual(
    plugins.map((plugin) => [plugin.type, plugin.class, plugin.version]),
    [
      ["source", "org.apache.kafka.connect.file.FileStreamSourceConnector", "4.3.1"],
      ["sink", "org.apache.kafka.connect.file.FileStreamSinkConnector", "4.3.1"],
    ],
  );
});
