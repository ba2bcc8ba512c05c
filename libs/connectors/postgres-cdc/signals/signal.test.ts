import assert from "node:assert/strict";
import { test } from "node:test";
import { type Action, actionOf } from "./signal.ts";

const act = (type: string, data: unknown): Action =>
  actionOf({ id: "s1", type, data: data === null ? null : JSON.stringify(data) });

test("understands what to snapshot, how and which rows", () => {
  const action = act("execute-snapshot", {
    "data-collections": [" public.a ", "public\\.b.*"],
    type: "BLOCKING",
    "additional-conditions": [{ "data-collection": "public.a", filter: "id > 3" }, { filter: "lost" }],
    "surrogate-key": "  ",
  });
  assert.equal(action.kind, "execute");
  const { request } = action as Extract<Action, { kind: "execute" }>;
  assert.equal(request.kind, "blocking");
  assert.deepEqual(request.collections, ["public.a", "public\\.b.*"]);
  assert.equal(request.surrogateKey, null);
  assert.deepEqual(
    request.conditions.map(({ collection, filter, matches }) => [collection, filter, matches("public.A")]),
    [["public.a", "id > 3", true]],
  );
});

test("a snapshot is incremental unless said otherwise", () => {
  const action = act("execute-snapshot", { "data-collections": ["public.a"] });
  assert.equal(action.kind === "execute" && action.request.kind, "incremental");
});

test("understands stop, pause, resume, log and the marks of a window", () => {
  assert.deepEqual(act("stop-snapshot", null), { kind: "stop", collections: [] });
  assert.deepEqual(act("stop-snapshot", { "data-collections": ["public.a"] }), {
    kind: "stop",
    collections: ["public.a"],
  });
  assert.deepEqual(act("pause-snapshot", {}), { kind: "pause" });
  assert.deepEqual(act("resume-snapshot", {}), { kind: "resume" });
  assert.deepEqual(act("log", { message: "here" }), { kind: "log", message: "here" });
  assert.deepEqual(act("snapshot-window-open", {}), { kind: "window", edge: "open", id: "s1" });
});

test("says why nothing is done", () => {
  const refused = (type: string, data: string | null) => actionOf({ id: "s1", type, data }).kind;
  assert.equal(refused("execute-snapshot", "not json"), "refused");
  assert.equal(refused("execute-snapshot", "[]"), "refused");
  assert.equal(refused("execute-snapshot", null), "refused");
  assert.equal(refused("execute-snapshot", '{"data-collections":["a"],"type":"odd"}'), "refused");
  assert.equal(refused("stop-snapshot", '{"type":"blocking"}'), "refused");
  assert.equal(refused("log", "{}"), "refused");
  assert.equal(refused("stop-snapshot", '{"data-collections":["(a"]}'), "refused");
  const badCondition = '{"data-collections":["a"],"additional-conditions":[{"data-collection":"(a","filter":"x"}]}';
  assert.equal(refused("execute-snapshot", badCondition), "refused");
  assert.equal(refused("dance", "{}"), "refused");
});
