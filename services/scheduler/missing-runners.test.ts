import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryHub } from "@millrace/bus";
import { VirtualClock } from "@millrace/time";
import { type Members, membersFromStore } from "./membership.ts";
import { MissingRunners } from "./missing-runners.ts";

const SESSION_MS = 5_000;

/** Nobody listens at `gone`; `there` is heard every half second, when this end is connected. */
function world() {
  const clock = new VirtualClock();
  const hub = new MemoryHub({ clock }).connect();
  const state = { connected: true, gone: [] as string[] };
  const rows = ["gone", "there"].map((runner) => ({ runner, workerId: runner, hosts: 1, heartbeatMs: 0 }));
  let members: Members = membersFromStore(rows, clock.monotonicMs());
  const missing = new MissingRunners({
    bus: { request: (...question) => hub.request(...question), connected: () => state.connected },
    clock,
    options: { sessionTimeoutMs: SESSION_MS },
    members: () => members,
    gone: ({ runner }) => state.gone.push(runner),
  });
  clock.every(500, () => {
    if (!state.connected) return;
    const there = { ...members.get("there")!, lastHeardMs: clock.monotonicMs() };
    members = new Map(members).set("there", there);
  });
  missing.start();
  return { clock, state, missing };
}

test("MissingRunners finds one of whom nobody answers, while another is heard, before its session is over", async () => {
  const { clock, state, missing } = world();
  await clock.advance(4_500);
  assert.equal(state.gone[0], "gone");
  missing.stop();
});

test("MissingRunners misses nobody while this end loses its connection again and again", async () => {
  const { clock, state, missing } = world();
  for (let i = 0; i < 5; i++) {
    state.connected = true;
    await clock.advance(600);
    state.connected = false;
    await clock.advance(400);
  }
  assert.deepEqual(state.gone, []);
  missing.stop();
});
