import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, type Plugin } from "@millrace/connect";
import { FakeCluster } from "@millrace/kafka/fake";
import { LogLevels, loadWorkerConfig, silentLogger } from "@millrace/service";
import { VirtualClock } from "@millrace/time";
import type { IpcMessage } from "../ipc.ts";
import { taskWork, until } from "../testing/host-fixture.ts";
import { PluginCatalogue } from "./plugin-catalogue.ts";
import { createTaskHost } from "./task-host.ts";

const reference = "$" + "{secrets:worker:password}";

test("I9: a task host resolves references in worker settings for converters and clients, and shows what they stand for to nobody", async () => {
  const clock = new VirtualClock();
  const cluster = new FakeCluster({ clock, random: () => 0.5 });
  let settings: Record<string, string> = {};
  const converter: Plugin = {
    type: "converter",
    class: "test.Registry",
    version: "1",
    overview: "",
    config: new ConfigDef(),
    create: () => ({
      configure: (given) => {
        settings = { ...given };
        throw new Error(`no login with ${given.password}`, { cause: new Error(given.password) });
      },
      fromConnectData: () => null,
      toConnectData: () => ({ schema: null, value: null }),
    }),
  };
  const source: Plugin = {
    type: "source",
    class: "test.ScriptedSource",
    version: "1",
    overview: "",
    config: new ConfigDef(),
    create: () => ({
      start() {},
      taskConfigs: () => [{}],
      stop() {},
      task: () => ({ start() {}, poll: () => null, stop() {} }),
    }),
  };
  const sent: IpcMessage[] = [];
  const host = createTaskHost({
    send: (message) => sent.push(message),
    kafka: cluster.client(),
    clock,
    random: () => 0.5,
    yieldToLoop: () => new Promise((resolve) => setImmediate(resolve)),
    logger: { ...silentLogger, child: () => silentLogger },
    levels: new LogLevels("info"),
    env: { MILLRACE_SECRET_WORKER_PASSWORD: "hunter2secret" },
    loadPlugins: async () => new PluginCatalogue([converter, source]),
  });
  const worker = loadWorkerConfig({
    mode: "standalone",
    overrides: {
      "bootstrap.servers": "fake:9092",
      "key.converter": "test.Registry",
      "value.converter": "test.Registry",
      "key.converter.password": reference,
      "millrace.auto.restart": "false",
      "millrace.database.url": `postgres://u:${reference}@db/m`,
    },
  });
  const call = (id: number, method: string, params: unknown) =>
    host.deliver({ type: "call", id, method, params: JSON.parse(JSON.stringify(params)) });
  call(1, "configure", { worker, plugins: { manifest: null, folders: [] }, quarantined: [] });
  call(2, "start", { work: taskWork(), restarts: null });
  await until(clock, "the task has failed", () => JSON.stringify(sent).includes('"FAILED"'));
  assert.equal(settings.password, "hunter2secret");
  const text = JSON.stringify(sent);
  assert.doesNotMatch(text, /hunter2secret/);
  assert.ok(text.includes(`no login with ${reference}`), text);
  await host.close();
});
