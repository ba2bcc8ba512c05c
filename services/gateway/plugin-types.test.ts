import assert from "node:assert/strict";
import { test } from "node:test";
import { createAsk } from "./ask.ts";
import { PluginTypes } from "./plugin-types.ts";
import { fileSink, fileSource, ScriptedCluster } from "./scripted-cluster.ts";

async function start() {
  const cluster = await ScriptedCluster.start();
  const types = new PluginTypes({ ask: createAsk(cluster.hub.connect(), 1000), clock: cluster.clock });
  const typeOf = (name: string) => types.typeOf({ "connector.class": name });
  const questions = () => cluster.asked.filter((line) => line.startsWith("plugin.list")).length;
  return { cluster, typeOf, questions };
}

test("PluginTypes.typeOf knows full, simple and short names, and no others", async () => {
  const { typeOf } = await start();
  for (const name of [fileSource, "FileStreamSourceConnector", "FileStreamSource"]) {
    assert.equal(await typeOf(name), "source");
  }
  assert.equal(await typeOf("FileStreamSink"), "sink");
  for (const name of ["filestreamsource", " FileStreamSource ", "file.FileStreamSource", "Cast$Value", ""]) {
    assert.equal(await typeOf(name), "unknown", name);
  }
});

test("PluginTypes.typeOf takes a short name of two classes for neither", async () => {
  const { cluster, typeOf } = await start();
  cluster.plugins = [...cluster.plugins, { class: "com.example.FileStreamSource", type: "sink", version: null }];
  assert.equal(await typeOf("FileStreamSource"), "unknown");
  assert.equal(await typeOf(fileSource), "source");
});

test("PluginTypes.typeOf knows a class that is there in several versions by its short name", async () => {
  const { cluster, typeOf } = await start();
  cluster.plugins = [...cluster.plugins, { class: fileSource, type: "source", version: "9.0.0" }];
  assert.equal(await typeOf("FileStreamSource"), "source");
});

test("PluginTypes.typeOf asks once for callers at the same time, and for good for what it knows", async () => {
  const { cluster, typeOf, questions } = await start();
  await Promise.all([typeOf(fileSource), typeOf(fileSink), typeOf(fileSource)]);
  assert.equal(questions(), 1);
  await cluster.clock.advance(60_000);
  await typeOf(fileSource);
  assert.equal(questions(), 1);
  await typeOf("com.example.New");
  assert.equal(questions(), 2);
});

test("PluginTypes.typeOf finds a plugin installed a second ago, without asking more often than that", async () => {
  const { cluster, typeOf, questions } = await start();
  assert.equal(await typeOf("com.example.New"), "unknown");
  cluster.plugins = [{ class: "com.example.New", type: "sink", version: null }];
  assert.equal(await typeOf("com.example.New"), "unknown");
  assert.equal(questions(), 1);
  await cluster.clock.advance(1_000);
  assert.equal(await typeOf("com.example.New"), "sink");
});

test("PluginTypes.typeOf keeps the last answer while no runner is there", async () => {
  const { cluster, typeOf } = await start();
  await typeOf(fileSource);
  await cluster.runner.close();
  await cluster.clock.advance(60_000);
  assert.equal(await typeOf(fileSource), "source");
});
