import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { ConnectError } from "@millrace/connect";
import { silentLogger } from "@millrace/service";
import { BrokenPlugins } from "./broken-plugins.ts";
import { loadPlugins } from "./task-host/plugins.ts";
import { numberedWork, openRunnerFixture, type RunnerFixture, type SimulatedHost } from "./testing/runner-fixture.ts";

test("BrokenPlugins logs each file with each reason once, and its quarantine once", () => {
  const lines: unknown[] = [];
  const broken = new BrokenPlugins({ ...silentLogger, error: (_, fields) => void lines.push(fields) });
  broken.leftOut({ file: "/a", reason: "boom" }, "boom\n\tat /a:1");
  broken.leftOut({ file: "/a", reason: "boom" });
  broken.leftOut({ file: "/a", reason: "bang" });
  broken.quarantine({ file: "/a", reason: "killed" });
  broken.quarantine({ file: "/a", reason: "killed again" });
  assert.equal(lines.length, 3);
  assert.deepEqual(broken.quarantined, [{ file: "/a", reason: "killed" }]);
  broken.leftOut({ file: "/b", reason: "x".repeat(5_000) });
  assert.deepEqual(broken.list(), [
    { file: "/a", reason: "killed", quarantined: true },
    { file: "/b", reason: "x".repeat(1_000), quarantined: false },
  ]);
});

/** A host does `evil` while it loads the plugin, unless that is in quarantine; then it loads the rest. */
function openWithPlugin(evil: (host: SimulatedHost, deps: Parameters<typeof loadPlugins>[1]) => unknown) {
  const tries: SimulatedHost[] = [];
  const opened = openRunnerFixture({ "millrace.task.hosts": "1" }, (host) => async (sources, deps) => {
    if (!deps.quarantined?.has("/evil.mjs")) {
      tries.push(host);
      deps.loading?.("/evil.mjs");
      await setImmediate();
      await evil(host, deps);
    }
    return loadPlugins(sources, deps);
  });
  return { tries, opened };
}

async function runsTwoHosts({ scheduler, until }: RunnerFixture): Promise<void> {
  await until("the scheduler knows the runner", () => scheduler.beats.length > 0);
  const config = { "connector.class": "test.NumberedSource", "task.isolation": "task" };
  scheduler.assign({ ...numberedWork(), config }, { ...numberedWork({ task: 1 }), config });
  await until("both run", () => scheduler.states().filter((state) => state.endsWith("RUNNING")).length === 2);
}

const lines = ({ errors }: RunnerFixture, text: string) => errors.filter((line) => line.includes(text)).length;

test("Runner puts a plugin in quarantine that ends the host that loads it, and loads it no more", async () => {
  const { tries, opened } = openWithPlugin((host) => host.crash("exit code 3"));
  const fixture = await opened;
  await runsTwoHosts(fixture);
  assert.equal(tries.length, 1);
  assert.equal(lines(fixture, "a plugin is in quarantine"), 1);
  assert.match(fixture.errors.join(), /\/evil\.mjs.*the task host that loaded it ended: exit code 3/);
  assert.deepEqual(
    fixture.scheduler.work.filter(({ restarts }) => (restarts?.count ?? 0) > 1),
    [],
  );
  await fixture.ended(fixture.runner.stop());
});

test("Runner ends a host that stands still over a plugin's module, and loads it no more", async () => {
  const { tries, opened } = openWithPlugin(() => new Promise(() => {}));
  const fixture = await opened;
  await fixture.clock.advance(16_000);
  await runsTwoHosts(fixture);
  assert.equal(tries.length, 1);
  assert.equal(lines(fixture, "a plugin is in quarantine"), 1);
  await fixture.ended(fixture.runner.stop());
});

test("Runner waits once for a plugin that does not finish loading, and logs once what each host leaves out", async () => {
  const { tries, opened } = openWithPlugin((_, { failed }) => {
    failed("/evil.mjs", new ConnectError("it did not finish", { code: "PLUGIN_LATE" }));
    failed("/other.mjs", new Error("boom"));
  });
  const fixture = await opened;
  await runsTwoHosts(fixture);
  assert.equal(tries.length, 1);
  assert.equal(lines(fixture, "a plugin is in quarantine"), 1);
  assert.equal(lines(fixture, "/other.mjs"), 1);
  await fixture.ended(fixture.runner.stop());
});
