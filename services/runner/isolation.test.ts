import assert from "node:assert/strict";
import { test } from "node:test";
import { groupOf, hostsMaxOf, SHARED_GROUP } from "./isolation.ts";
import { connectorWork, taskWork } from "./testing/host-fixture.ts";

const config = (isolation: string) => ({ config: { "task.isolation": isolation } });

test("groupOf puts together what task.isolation lets share a host", () => {
  const other = { connector: "d" };
  assert.equal(groupOf(taskWork()), SHARED_GROUP);
  assert.equal(groupOf(taskWork(config("shared"))), groupOf(taskWork(other)));
  assert.equal(groupOf(taskWork(config("Connector"))), groupOf(connectorWork(config("connector"))));
  assert.notEqual(groupOf(taskWork(config("connector"))), groupOf(taskWork({ ...other, ...config("connector") })));
  const alone = [taskWork(config("task")), taskWork({ task: 1, ...config("task") }), connectorWork(config("task"))];
  assert.equal(new Set([SHARED_GROUP, ...alone.map(groupOf)]).size, 4);
});

test("hostsMaxOf allows several hosts to shared work and to a connector with hosts of its own", () => {
  const max = (isolation: string, group?: string) => {
    const work = taskWork(config(isolation));
    return hostsMaxOf(group ?? groupOf(work), work, 8);
  };
  assert.deepEqual([max("shared"), max("connector"), max("task")], [8, 8, 1]);
  assert.equal(max("shared", "part 1 of host 3"), 1);
  assert.equal(max("connector", "part 1 of host 3"), 1);
});
