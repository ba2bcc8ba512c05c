import assert from "node:assert/strict";
import { test } from "node:test";
import type { TargetState } from "@millrace/protocol";
import { type Command, decide, recordBytesMax } from "./decide.ts";
import { atMs, putCommand } from "./store.conformance.ts";
import type { StoredConnector } from "./store.ts";

const running: StoredConnector = {
  name: "c",
  config: { name: "c", topic: "t" },
  passwords: [],
  version: 3,
  targetState: "STARTED",
  tasks: { version: 5, configVersion: 3, configs: [{ shard: "0" }, { shard: "1" }] },
  revision: 10,
  deleted: false,
};
const stopped: StoredConnector = {
  ...running,
  targetState: "STOPPED",
  tasks: { version: 6, configVersion: 3, configs: [] },
};
const tombstone: StoredConnector = { ...stopped, targetState: "PAUSED", config: {}, deleted: true };

const target = (targetState: TargetState): Command => ({ kind: "target-state", name: "c", targetState });
const tasks = (configVersion: number, ...configs: Record<string, string>[]): Command => ({
  kind: "tasks",
  name: "c",
  configVersion,
  configs,
});
const remove: Command = { kind: "delete", name: "c" };
const put = (more = {}) => putCommand("c", { topic: "u" }, more);

interface Case {
  readonly name: string;
  readonly current: StoredConnector | null;
  readonly command: Command;
  /** Of the written connector; "keep"; or the error. */
  readonly expected: Partial<StoredConnector> | "keep" | { readonly code: string; readonly message: string | RegExp };
}

const fresh: Partial<StoredConnector> = {
  version: 1,
  targetState: "STARTED",
  tasks: { version: 0, configVersion: 0, configs: [] },
};
const config = { name: "c", topic: "u" };
const notFound = { code: "NOT_FOUND", message: "Connector c not found" };
const unknown = { code: "NOT_FOUND", message: "Unknown connector c" };

const cases: readonly Case[] = [
  { name: "put creates", current: null, command: put(), expected: { ...fresh, config, revision: 11, deleted: false } },
  {
    name: "put creates in the initial state",
    current: null,
    command: put({ createOnly: true, initialTargetState: "STOPPED" }),
    expected: { ...fresh, targetState: "STOPPED" },
  },
  {
    name: "put over a tombstone goes on with its versions and starts afresh otherwise",
    current: tombstone,
    command: put(),
    expected: {
      version: 4,
      targetState: "STARTED",
      tasks: { version: 6, configVersion: 0, configs: [] },
      deleted: false,
    },
  },
  {
    name: "put replaces the config and leaves tasks and target state",
    current: { ...running, targetState: "PAUSED" },
    command: put({ initialTargetState: "STARTED" }),
    expected: { config, version: 4, targetState: "PAUSED", tasks: running.tasks, revision: 11 },
  },
  {
    name: "put of the same config is a new version",
    current: running,
    command: { ...put(), config: running.config } as Command,
    expected: { version: 4 },
  },
  {
    name: "put createOnly on one that exists",
    current: running,
    command: put({ createOnly: true }),
    expected: { code: "ALREADY_EXISTS", message: "Connector c already exists" },
  },
  {
    name: "put at the expected version",
    current: running,
    command: put({ expectedVersion: 3 }),
    expected: { version: 4 },
  },
  {
    name: "put past the expected version",
    current: running,
    command: put({ expectedVersion: 2 }),
    expected: { code: "CONFLICT", message: /at config version 3, no longer at 2/ },
  },
  {
    name: "put at an expected version of one deleted meanwhile",
    current: tombstone,
    command: put({ expectedVersion: 3 }),
    expected: notFound,
  },
  {
    name: "put of more than fits in a message",
    current: running,
    command: putCommand("c", { x: "ü".repeat(recordBytesMax / 2) }),
    expected: { code: "INVALID", message: /its 2 tasks takes \d+ bytes, more than the 900000/ },
  },
  {
    name: "put of a NUL character",
    current: null,
    command: putCommand("c", { x: "secret\0" }),
    expected: { code: "INVALID", message: /^Configuration "x" of connector c holds a NUL character(?!.*secret)/ },
  },
  {
    name: "put of half a surrogate pair",
    current: null,
    command: putCommand("c", { x: "\ud83d" }),
    expected: { code: "INVALID", message: /half of a surrogate pair/ },
  },
  {
    name: "delete leaves a tombstone without tasks, which keeps its config for cleaning up",
    current: running,
    command: remove,
    expected: {
      deleted: true,
      config: running.config,
      version: 3,
      tasks: { version: 6, configVersion: 3, configs: [] },
      revision: 11,
    },
  },
  {
    name: "a tombstone that was cleaned up after loses its config",
    current: { ...running, deleted: true },
    command: { kind: "cleaned", name: "c", version: 3 },
    expected: { deleted: true, config: {}, passwords: [], version: 3, revision: 11 },
  },
  {
    name: "cleaned up after what is back changes nothing",
    current: running,
    command: { kind: "cleaned", name: "c", version: 3 },
    expected: "keep",
  },
  { name: "delete of none", current: null, command: remove, expected: notFound },
  { name: "delete of a tombstone", current: tombstone, command: remove, expected: notFound },
  {
    name: "pause keeps the tasks",
    current: running,
    command: target("PAUSED"),
    expected: { targetState: "PAUSED", tasks: running.tasks, version: 3, revision: 11 },
  },
  {
    name: "stop empties the tasks and raises their version",
    current: running,
    command: target("STOPPED"),
    expected: { targetState: "STOPPED", tasks: { version: 6, configVersion: 3, configs: [] }, version: 3 },
  },
  {
    name: "stop of one without tasks leaves their version",
    current: { ...stopped, targetState: "STARTED" },
    command: target("STOPPED"),
    expected: { targetState: "STOPPED", tasks: stopped.tasks },
  },
  {
    name: "resume from STOPPED waits for the connector's tasks, and has it started anew even where the stop was missed",
    current: stopped,
    command: target("STARTED"),
    expected: { targetState: "STARTED", tasks: stopped.tasks, version: stopped.version + 1 },
  },
  {
    name: "pause from STOPPED",
    current: stopped,
    command: target("PAUSED"),
    expected: { targetState: "PAUSED", tasks: stopped.tasks, version: stopped.version + 1 },
  },
  {
    name: "resume from PAUSED",
    current: { ...running, targetState: "PAUSED" },
    command: target("STARTED"),
    expected: { targetState: "STARTED", tasks: running.tasks, version: 3 },
  },
  { name: "stop when stopped", current: stopped, command: target("STOPPED"), expected: "keep" },
  { name: "resume when started", current: running, command: target("STARTED"), expected: "keep" },
  { name: "pause of none", current: null, command: target("PAUSED"), expected: unknown },
  { name: "stop of a tombstone", current: tombstone, command: target("STOPPED"), expected: unknown },
  {
    name: "tasks that differ",
    current: running,
    command: tasks(3, { shard: "0" }),
    expected: { tasks: { version: 6, configVersion: 3, configs: [{ shard: "0" }] }, version: 3, revision: 11 },
  },
  { name: "tasks that are equal", current: running, command: tasks(3, ...running.tasks.configs), expected: "keep" },
  {
    name: "tasks that are equal in another order",
    current: running,
    command: tasks(3, { shard: "1" }, { shard: "0" }),
    expected: { tasks: { version: 6, configVersion: 3, configs: [{ shard: "1" }, { shard: "0" }] } },
  },
  {
    name: "tasks that are equal but made from the new config",
    current: { ...running, version: 4 },
    command: tasks(4, ...running.tasks.configs),
    expected: { tasks: { version: 6, configVersion: 4, configs: running.tasks.configs } },
  },
  {
    name: "an empty first set of tasks",
    current: { ...running, version: 4, tasks: { version: 6, configVersion: 0, configs: [] } },
    command: tasks(4),
    expected: { tasks: { version: 7, configVersion: 4, configs: [] } },
  },
  {
    name: "tasks after resume, though from the same config",
    current: { ...stopped, targetState: "STARTED" },
    command: tasks(3, { shard: "0" }),
    expected: { tasks: { version: 7, configVersion: 3, configs: [{ shard: "0" }] } },
  },
  {
    name: "tasks made from an old config",
    current: running,
    command: tasks(2, { shard: "0" }),
    expected: { code: "CONFLICT", message: /at config version 3; .* from version 2 are out of date/ },
  },
  {
    name: "tasks of a stopped connector",
    current: stopped,
    command: tasks(3, { shard: "0" }),
    expected: { code: "CONFLICT", message: "Cannot submit non-empty set of task configs for stopped connector c" },
  },
  { name: "tasks of none", current: null, command: tasks(1), expected: notFound },
];

for (const { name, current, command, expected } of cases) {
  test(`decide: ${name}`, () => {
    const decision = decide(current, command, { revision: 11, atMs });
    if (expected === "keep") {
      assert.deepEqual(decision, { kind: "keep", connector: current });
    } else if ("code" in expected) {
      assert.ok(decision.kind === "refuse");
      assert.throws(() => {
        throw decision.error;
      }, expected);
    } else {
      assert.ok(decision.kind === "write");
      assert.deepEqual(decision.connector, { ...decision.connector, ...expected });
      assert.equal(decision.created, command.kind === "put" && current?.deleted !== false);
      assert.equal(decision.history !== null, command.kind === "put");
    }
  });
}
