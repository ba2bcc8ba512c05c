import assert from "node:assert/strict";
import { test } from "node:test";
import { Activity, currentActivity, describeActivity, inActivity, noted, recordStep } from "./activity.ts";

test("inActivity holds for all that its code starts, and for nothing else", async () => {
  const a = new Activity("task a 0");
  const b = new Activity("task b 0");
  const seen: (string | null)[] = [];
  const look = async () => {
    await null;
    seen.push(currentActivity()?.key ?? null);
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(currentActivity()?.key ?? null);
  };
  await Promise.all([inActivity(a, look), look(), inActivity(b, look)]);
  assert.deepEqual(seen.sort(), ["task a 0", "task a 0", "task b 0", "task b 0", null, null].sort());
  assert.equal(currentActivity(), null);
});

test("noted tells the call that was entered last, keeps `this`, and lacks what the object lacks", () => {
  const activity = new Activity("task a 0");
  const task = noted(
    activity,
    {
      polls: 0,
      poll(this: { polls: number }) {
        this.polls += 1;
        return describeActivity();
      },
      put: (records: number, more: number) => records + more,
    },
    ["poll", "put"],
  );
  assert.equal(describeActivity(), '{"key":null,"call":null}');
  assert.equal(task.poll(), '{"key":"task a 0","call":"poll"}');
  assert.equal(
    inActivity(new Activity("another"), () => task.poll()),
    '{"key":"task a 0","call":"poll"}',
  );
  assert.equal(task.put(1, 2), 3);
  assert.equal(activity.call, "put");
  const lacking: { commit?: () => void } = {};
  assert.equal("commit" in noted(activity, lacking, ["commit"]), false);
});

test("describeActivity asks for the step of a record only when somebody wants to know", () => {
  const activity = new Activity("task a 0");
  const coder = { stage: "VALUE_CONVERTER", executing: "com.example.Wire" };
  activity.call = () => recordStep(coder);
  assert.equal(inActivity(activity, describeActivity), '{"key":"task a 0","call":"value converter com.example.Wire"}');
  coder.stage = "TRANSFORMATION";
  coder.executing = "com.example.Mask";
  assert.match(inActivity(activity, describeActivity), /transformation com\.example\.Mask/);
});
