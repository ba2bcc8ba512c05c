import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReloadPlan } from "@millrace/service";
import { VirtualClock } from "@millrace/time";
import { ReloadWatch } from "./reload-watch.ts";

function open() {
  const clock = new VirtualClock();
  const logs: string[] = [];
  let reloads = 0;
  const write = (message: string, fields?: Record<string, unknown>) => {
    logs.push(`${message} ${JSON.stringify(fields)}`);
  };
  const watch = new ReloadWatch({
    clock,
    logger: { debug: write, info: write, warn: write, error: write },
    reload: () => void reloads++,
  });
  return { clock, watch, logs, reloads: () => reloads };
}

/** `answers`: what is changed at each look; an Error is thrown. */
function plan(ttlMs: number | null, intervalMs: number | null, answers: (string[] | Error)[] = []): ReloadPlan {
  return {
    ttlMs,
    intervalMs,
    changed: async () => {
      const answer = answers.shift() ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

test("ReloadWatch reloads once at the least age, and not before", async () => {
  const { clock, watch, logs, reloads } = open();
  watch.watch({}, [plan(5_000, null), plan(3_000, null)]);
  await clock.advance(2_999);
  assert.equal(reloads(), 0);
  await clock.advance(1);
  assert.equal(reloads(), 1);
  await clock.advance(10_000);
  assert.equal(reloads(), 1);
  assert.deepEqual(logs, [
    'values of config providers have reached their age: restarting with those they give now {"ttlMs":3000}',
  ]);
});

test("ReloadWatch reloads when a look finds a change; a look that fails is only logged", async () => {
  const { clock, watch, logs, reloads } = open();
  watch.watch({}, [plan(null, 1_000, [[], new Error("busy"), ["<ref>"], ["<ref>"]])]);
  await clock.advance(2_000);
  assert.deepEqual(logs, ['looking for changed values failed and will be tried again {"error":"Error: busy"}']);
  assert.equal(reloads(), 0);
  await clock.advance(5_000);
  assert.equal(reloads(), 1);
  assert.match(logs[1]!, /have changed: .*\{"changed":\["<ref>"\]\}$/);
});

test("ReloadWatch leaves it with config.action.reload=none, when closed, and when it watches something else", async () => {
  for (const config of [{ "config.action.reload": "none" }, { "config.action.reload": " NONE " }]) {
    const { clock, watch, reloads } = open();
    watch.watch(config, [plan(1, 1, [["<ref>"]])]);
    await clock.advance(100);
    assert.equal(reloads(), 0);
  }
  const closed = open();
  closed.watch.watch({ "config.action.reload": "restart" }, [plan(10, null)]);
  closed.watch.close();
  await closed.clock.advance(100);
  assert.equal(closed.reloads(), 0);
  const other = open();
  let answer = (_changed: string[]) => {};
  const slow: ReloadPlan = {
    ttlMs: null,
    intervalMs: 10,
    changed: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  };
  other.watch.watch({}, [slow]);
  await other.clock.advance(10);
  other.watch.watch({}, [plan(null, null)]);
  answer(["<ref>"]);
  await other.clock.advance(100);
  assert.equal(other.reloads(), 0);
});
