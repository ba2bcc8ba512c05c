import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@millrace/time";
import { LogRings } from "./log-rings.ts";
import { LogForwarder, type LoggedLine } from "./task-host/log-forwarder.ts";
import { taskWork } from "./testing/host-fixture.ts";

const line = (n: number, length = 10) => ({ connector: "c", line: `${n}`.padEnd(length) });
const numbers = (rings: LogRings, connector = "c", after = 0) =>
  rings.tail({ connector, after, lines: 5_000 }).entries.map((entry) => Number(entry.line));

test("LogRings keeps the latest lines of each connector, and goes on from a cursor", () => {
  const rings = new LogRings();
  rings.add(Array.from({ length: 1_500 }, (_, n) => line(n)));
  assert.deepEqual(numbers(rings).length, 1_000);
  assert.deepEqual(
    rings.tail({ connector: "c", after: 0, lines: 2 }).entries.map((entry) => Number(entry.line)),
    [1_498, 1_499],
  );
  const { latest } = rings.tail({ connector: "c", after: 0, lines: 1 });
  rings.add([{ connector: "other", line: "7" }, line(1_500)]);
  assert.deepEqual(numbers(rings, "c", latest), [1_500]);
  assert.deepEqual(numbers(rings, "nobody"), []);
});

test("LogRings is bounded in bytes, of one connector, of all, and of an answer", () => {
  const rings = new LogRings();
  rings.add(Array.from({ length: 600 }, (_, n) => line(n, 2_000)));
  assert.equal(numbers(rings).length, 200, "of an answer");
  for (let i = 0; i < 200; i++) {
    rings.add(Array.from({ length: 100 }, () => ({ connector: `c${i}`, line: "1".padEnd(4_000) })));
  }
  assert.deepEqual(numbers(rings, "c"), [], "the one that was quiet longest is forgotten first");
  assert.equal(numbers(rings, "c199").length, 100);
  rings.hostEnded(taskWork(), { reason: "killed", frames: [], culprit: null, kind: "killed" }, 0);
  const [said] = rings.tail({ connector: "c", after: 0, lines: 1 }).entries;
  assert.match(said!.line, /"level":"error".*"task":0.*the task host ended: killed/);
});

test("LogForwarder sends a host's lines together, cuts long ones, and says what it left out", async () => {
  const clock = new VirtualClock();
  const sent: (readonly LoggedLine[])[] = [];
  const forwarder = new LogForwarder({ clock, send: (lines) => void sent.push(lines) });
  const json = (fields: object) => `${JSON.stringify({ level: "info", time: "t", ...fields })}\n`;
  forwarder.write(json({ msg: "of nobody" }));
  forwarder.write('{"connector": not json');
  forwarder.write(json({ connector: "a", task: 1, msg: "one" }));
  forwarder.write(json({ connector: "b", msg: "x".repeat(20_000) }));
  assert.equal(sent.length, 0);
  await clock.advance(100);
  assert.deepEqual(
    sent[0]?.map(({ connector }) => connector),
    ["a", "b"],
  );
  assert.equal(sent[0]?.[0]?.line, json({ connector: "a", task: 1, msg: "one" }).trimEnd());
  assert.ok(sent[0]![1]!.line.length < 5_000);
  for (let n = 0; n < 700; n++) forwarder.write(json({ connector: "a", msg: "again" }));
  await clock.advance(100);
  assert.equal(sent[1]?.length, 501);
  assert.match(sent[1]!.at(-1)!.line, /200 further lines are only in the log itself/);
});
