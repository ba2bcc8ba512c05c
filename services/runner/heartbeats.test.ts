import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryHub } from "@millrace/bus";
import { type Assignment, heartbeat, type WorkReport } from "@millrace/protocol";
import { VirtualClock } from "@millrace/time";
import { Heartbeats } from "./heartbeats.ts";

function reportOf(task: number, state: WorkReport["state"] = "RUNNING"): WorkReport {
  return { connector: "c", task, generation: 1, restart: 0, state, active: true, trace: null, version: "1" };
}

/** A runner with three tasks, and a leader that says what the test says. */
async function open() {
  const clock = new VirtualClock();
  const hub = new MemoryHub({ clock });
  const reports = new Map([0, 1, 2].map((task) => [String(task), reportOf(task)]));
  const said: string[] = [];
  const leader = { epoch: 1, hears: true, answers: true };
  await hub.connect().respond(heartbeat, async ({ number = null, since, work, gone }) => {
    const base = since === null ? "whole" : `since ${since.epoch}/${since.number}`;
    const items = [...work.map(({ task, state }) => `${task} ${state}`), ...gone.map(({ task }) => `${task} gone`)];
    said.push([`${number} ${base}`, ...items].join(", "));
    if (!leader.answers) await clock.sleep(60_000);
    return { epoch: leader.epoch, heard: leader.hears ? number : null, assignment: null };
  });
  const runner = { runner: "r", workerId: "w", version: "1", hosts: 1, busy: 0, draining: false };
  const state = { ...runner, applied: null as Assignment | null };
  const heartbeats = new Heartbeats({
    bus: hub.connect(),
    timeoutMs: 1_000,
    state: () => state,
    reports: () => new Map(reports),
    assigned() {},
    unanswered() {},
  });
  const beat = async () => {
    heartbeats.beat();
    await clock.advance(1_500);
    return said.splice(0);
  };
  return { clock, reports, leader, state, heartbeats, beat, said };
}

const everything = "0 RUNNING, 1 RUNNING, 2 RUNNING";

test("Heartbeats tell everything once, then what has changed since the last answer", async () => {
  const { beat, reports } = await open();
  assert.deepEqual(await beat(), [`1 whole, ${everything}`]);
  assert.deepEqual(await beat(), ["2 since 1/1"]);
  reports.set("1", reportOf(1, "FAILED")).delete("2");
  assert.deepEqual(await beat(), ["3 since 1/2, 1 FAILED, 2 gone"]);
  assert.deepEqual(await beat(), ["4 since 1/3"]);
});

test("Heartbeats tell changes again that nobody answered, and everything to a leader that has not heard the last", async () => {
  const { beat, reports, leader } = await open();
  await beat();
  leader.answers = false;
  reports.set("1", reportOf(1, "FAILED"));
  assert.deepEqual(await beat(), ["2 since 1/1, 1 FAILED"]);
  leader.answers = true;
  assert.deepEqual(await beat(), ["3 since 1/1, 1 FAILED"]);
  leader.epoch = 2;
  leader.hears = false;
  const whole = "0 RUNNING, 1 FAILED, 2 RUNNING";
  assert.deepEqual(await beat(), ["4 since 1/3", `5 whole, ${whole}`], "at once, and no more than once");
  leader.hears = true;
  assert.deepEqual(await beat(), [`6 whole, ${whole}`]);
  assert.deepEqual(await beat(), ["7 since 2/6"]);
});

test("Heartbeats build on no answer of a leader that another has followed", async () => {
  const { beat, state } = await open();
  state.applied = { runner: "r", epoch: 2, sequence: 1, since: null, work: [], gone: [] };
  assert.deepEqual(await beat(), [`1 whole, ${everything}`]);
  assert.deepEqual(await beat(), [`2 whole, ${everything}`]);
});
