import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectorStatus } from "../../../deploy/prove/rest-client.ts";
import { until } from "../../../deploy/prove/until.ts";
import { HostileFixture } from "./hostile-fixture.ts";
import { slowness } from "./ticks.ts";

const BLOCKED_MS = 2_000;
/** Longest time without a poll, of neighbours in other hosts and of those whose host had to be replaced: */
const UNTOUCHED_MS = 100;
const REPLACED_MS = 1_000;
const untouchedMs = () => UNTOUCHED_MS * slowness();
const replacedMs = () => REPLACED_MS * slowness();

const fixture = new HostileFixture("hostile");

before(async () => {
  await fixture.open({
    "millrace.task.host.blocked.ms": String(BLOCKED_MS),
    "millrace.task.host.heap.mb": "96",
    "millrace.auto.restart": "false",
    "task.shutdown.graceful.timeout.ms": "1000",
    "offset.flush.interval.ms": "500",
  });
  await fixture.neighbour("far", "task");
  await fixture.records();
});
after(() => fixture.close());

type Config = Readonly<Record<string, string>>;

/** The config of a connector that does its worst in one method. */
function hostile(where: string, how: string, more: Config = {}): Config {
  const own = { "hostile.where": where, "hostile.how": how };
  const [part] = where.split(".");
  if (part === "converter") {
    const settings = { "value.converter": "hostile.Converter", ...prefixed("value.converter", own) };
    if (where !== "converter.from") return { ...sinkOf({}), ...settings, ...more };
    return { "connector.class": "hostile.Source", ...settings, ...more };
  }
  if (part === "transform" || part === "predicate") {
    const settings = { transforms: "t", "transforms.t.type": "hostile.Transform", ...prefixed("transforms.t", own) };
    const guard = { "transforms.t.predicate": "p", predicates: "p", "predicates.p.type": "hostile.Predicate" };
    const guarded = part === "predicate" ? { ...guard, ...prefixed("predicates.p", own) } : {};
    return { "connector.class": "hostile.Source", ...settings, ...guarded, ...more };
  }
  return ["put", "open", "flush", "close"].includes(where.slice("task.".length))
    ? { ...sinkOf(own), ...more }
    : { "connector.class": "hostile.Source", ...own, ...more };
}

const sinkOf = (own: Config): Config => ({
  "connector.class": "hostile.Sink",
  topics: `${fixture.run}-records`,
  ...own,
});

const prefixed = (prefix: string, config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [`${prefix}.${key}`, value]));

const nameOf = (where: string, how: string) => `${how}-in-${where.replace(".", "-")}`;
const taskIs = (state: string) => (status: ConnectorStatus) => status.tasks[0]?.state === state;
const connectorIs = (state: string) => (status: ConnectorStatus) => status.connector.state === state;

async function gone(name: string): Promise<void> {
  await fixture.delete(name);
  await until(`${name} is gone`, async () => (await fixture.rest.status(name)) === null);
}

/** A neighbour in the shared host, for as long as `run` takes. */
async function beside(
  near: string,
  run: () => Promise<void>,
): Promise<{ near: number; far: number; replaced: boolean }> {
  await fixture.neighbour(near);
  const sinceMs = Date.now();
  await run();
  await sleep(100);
  const gaps = { near: fixture.ticks.gapMs(near, sinceMs), far: fixture.ticks.gapMs("far", sinceMs) };
  const { connector, tasks } = await fixture.status(near, taskIs("RUNNING"));
  await gone(near);
  return { ...gaps, replaced: (connector.restarts ?? tasks[0]?.restarts) !== undefined };
}

/** What comes of an error thrown in each method. */
const thrown: readonly (readonly [where: string, becomes: (status: ConnectorStatus) => boolean])[] = [
  ["connector.start", connectorIs("FAILED")],
  ["connector.taskConfigs", connectorIs("RUNNING")],
  ["connector.stop", taskIs("RUNNING")],
  ["task.start", taskIs("FAILED")],
  ["task.poll", taskIs("FAILED")],
  ["task.commit", taskIs("RUNNING")],
  ["task.commitRecord", taskIs("RUNNING")],
  ["task.stop", taskIs("RUNNING")],
  ["task.open", taskIs("FAILED")],
  ["task.put", taskIs("FAILED")],
  ["task.flush", taskIs("RUNNING")],
  ["task.close", taskIs("RUNNING")],
  ["transform.configure", taskIs("FAILED")],
  ["transform.apply", taskIs("FAILED")],
  ["transform.close", taskIs("RUNNING")],
  ["predicate.test", taskIs("FAILED")],
  ["converter.configure", taskIs("FAILED")],
  ["converter.from", taskIs("FAILED")],
  ["converter.to", taskIs("FAILED")],
  ["converter.close", taskIs("RUNNING")],
];

test("a plugin that throws, in each method in turn, fails itself and touches nobody", async () => {
  const gaps = await beside("near-thrown", async () => {
    for (const [where] of thrown) await fixture.put(nameOf(where, "throw"), hostile(where, "throw"));
    for (const [where, becomes] of thrown) await fixture.status(nameOf(where, "throw"), becomes);
    for (const [where] of thrown) await gone(nameOf(where, "throw"));
    const refused = await fixture.rest.ask("PUT", "/connectors/refused/config", hostile("validate", "throw"));
    assert.ok(refused.status >= 400, refused.text);
  });
  assert.ok(Math.max(gaps.near, gaps.far) < untouchedMs() && !gaps.replaced, JSON.stringify(gaps));
});

const waited = thrown.map(([where]) => where).filter((where) => /^(connector|task)\./.test(where));

test("a plugin that never answers, in each method in turn, can be deleted and touches nobody", async () => {
  const gaps = await beside("near-waiting", async () => {
    for (const where of waited) await fixture.put(nameOf(where, "never"), hostile(where, "never"));
    await sleep(2_000);
    await Promise.all(waited.map((where) => gone(nameOf(where, "never"))));
    const asked = fixture.rest.ask(
      "PUT",
      "/connectors/asked/config",
      hostile("validate", "never"),
      AbortSignal.timeout(500),
    );
    await assert.rejects(asked);
  });
  assert.ok(Math.max(gaps.near, gaps.far) < untouchedMs() && !gaps.replaced, JSON.stringify(gaps));
});

/** In which call the host was found; null: only when it is stopped. */
const blocked: readonly (readonly [where: string, call: RegExp | null])[] = [
  ["connector.start", /by connector \S+ in start/],
  ["connector.taskConfigs", /by connector \S+ in taskConfigs/],
  ["connector.stop", null],
  ["task.start", /by task \S+ 0 in start/],
  ["task.poll", /by task \S+ 0 in poll\n\tat block \(file:\/\/\S+plugin\.mjs:\d+:\d+\)/],
  ["task.commit", /in commit/],
  ["task.commitRecord", /in commitRecord/],
  ["task.stop", null],
  ["task.open", /in open/],
  ["task.put", /in put/],
  ["task.flush", /in flush/],
  ["task.close", null],
  ["transform.configure", /in configure/],
  ["transform.apply", /in transformation hostile\.Transform/],
  ["predicate.test", /in transformation hostile\.Transform\n(.*\n)*?\tat test \(/],
  ["converter.from", /in value converter hostile\.Converter/],
  ["converter.to", /in value converter hostile\.Converter/],
];

test("a plugin that blocks the event loop, in each method in turn, ends its own host only, and its status says where", async () => {
  const sinceMs = Date.now();
  const isolated = { "task.isolation": "task" };
  for (const [where, call] of blocked) {
    const name = nameOf(where, "block");
    await fixture.put(name, hostile(where, "block", isolated));
    if (call !== null) {
      const isFailed = (status: ConnectorStatus) => connectorIs("FAILED")(status) || taskIs("FAILED")(status);
      const { connector, tasks } = await fixture.status(name, isFailed);
      assert.match(connector.trace ?? tasks[0]?.trace ?? "", call, name);
    } else await fixture.status(name, taskIs("RUNNING"));
    await gone(name);
  }
  const asked = await fixture.rest.ask("PUT", "/connectors/asked/config", hostile("validate", "block"));
  assert.match(asked.text, /blocked for more than 2000 ms .* by the validation of hostile\.Source/);
  const gap = fixture.ticks.gapMs("far", sinceMs);
  assert.ok(gap < untouchedMs(), `${gap} ms`);
});

/** What its host's other work sees of it: nothing; a pause; or a host that stands still, or fills its heap, and is replaced. */
type Seen = "nothing" | "pause" | "replaced" | "blocked" | "full";

const nearMsMax: Readonly<Record<Seen, () => number>> = {
  nothing: untouchedMs,
  pause: replacedMs,
  replaced: replacedMs,
  blocked: () => BLOCKED_MS + replacedMs(),
  full: () => 2 * replacedMs(),
};

const failed = taskIs("FAILED");

const worst: readonly (readonly [how: string, seen: Seen, becomes: typeof failed, trace: RegExp | null])[] = [
  ["exit", "nothing", failed, /process\.exit was called/],
  ["abort", "nothing", failed, /process\.abort was called/],
  ["exitLater", "nothing", failed, /process\.exit was called/],
  ["throwLater", "nothing", failed, /hostile: thrown/],
  ["rejectLater", "nothing", failed, /hostile: rejected/],
  ["closeStreams", "nothing", taskIs("RUNNING"), null],
  ["spam", "pause", taskIs("RUNNING"), null],
  ["block", "blocked", failed, /blocked .* in poll/],
  ["blockLater", "blocked", failed, /blocked .* in poll/],
  ["blockRegex", "blocked", failed, /blocked .* in poll/],
  ["blockNative", "blocked", failed, /blocked .* in code that cannot be interrupted/],
  ["leak", "full", failed, /it exceeded its heap of 96 MB/],
  ["leakAtOnce", "full", failed, /it exceeded its heap of 96 MB/],
  ["crash", "replaced", failed, /killed by SIGSEGV/],
  ["reallyExit", "replaced", failed, /exit code 7/],
  ["disconnect", "replaced", failed, /exit code 0|it cut its connection/],
  ["kill", "replaced", (status) => (status.tasks[0]?.restarts?.count ?? 0) > 4, null],
];

for (const [how, seen, becomes, trace] of worst) {
  test(`a plugin whose worst is ${how} takes down itself only`, async () => {
    const name = nameOf("task.poll", how);
    const gaps = await beside(`near-${how}`, async () => {
      await fixture.put(name, hostile("task.poll", how));
      const { tasks } = await fixture.status(name, becomes, 60_000);
      if (trace !== null) assert.match(tasks[0]?.trace ?? "", trace);
    });
    await gone(name);
    assert.ok(gaps.near < nearMsMax[seen]() && gaps.far < untouchedMs(), JSON.stringify(gaps));
    assert.equal(gaps.replaced, seen !== "nothing" && seen !== "pause");
  });
}
