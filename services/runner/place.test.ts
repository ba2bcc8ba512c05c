import assert from "node:assert/strict";
import { test } from "node:test";
import { placeWork } from "./place.ts";

const host = (id: number, tasks: number, connectors = 0) => ({ id, tasks, connectors });

const cases: [
  name: string,
  kind: "connector" | "task",
  hosts: ReturnType<typeof host>[],
  max: number,
  id: number | null,
][] = [
  ["the first work starts the first host", "task", [], 2, null],
  ["a host without tasks gets the task", "task", [host(1, 0)], 2, 1],
  ["another host is started while all have a task", "task", [host(1, 1)], 2, null],
  ["the bound is kept: the host with the fewest tasks", "task", [host(1, 2), host(2, 1)], 2, 2],
  ["the oldest among equals", "task", [host(2, 1), host(1, 1)], 2, 1],
  ["a connector starts the first host", "connector", [], 2, null],
  ["a connector starts no second host", "connector", [host(1, 5, 3)], 2, 1],
  ["connectors are spread by connectors", "connector", [host(1, 0, 1), host(2, 9, 0)], 2, 2],
  ["connectors don't keep tasks away", "task", [host(1, 0, 9), host(2, 1, 0)], 2, 1],
];

for (const [name, kind, hosts, max, id] of cases) {
  test(`placeWork: ${name}`, () => assert.equal(placeWork(kind, hosts, max), id));
}
