import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SHARED_GROUP } from "./isolation.ts";
import { type HostLoad, type Placing, placeWork, useless } from "./place.ts";

const host = (id: number, tasks: number, connectors = 0, group: string | null = SHARED_GROUP): HostLoad => {
  return { id, tasks, owners: tasks === 0 ? 0 : 1, connectors, group, questions: 0 };
};
const spare = (id: number, questions = 0): HostLoad => ({ ...host(id, 0, 0, null), questions });

function place(kind: Placing["kind"], hosts: readonly HostLoad[], hostsMax: number, more: Partial<Placing> = {}) {
  return placeWork({ kind, group: SHARED_GROUP, hostsMax, last: null, ...more }, hosts);
}

test("placeWork starts the first host, and another while all have tasks", () => {
  assert.equal(place("task", [], 2), null);
  assert.equal(place("task", [host(1, 1)], 2), null);
  assert.equal(place("task", [host(1, 3), host(2, 1)], 2), 2);
  assert.equal(place("task", [host(1, 1), host(2, 1)], 2), 1);
});

test("placeWork puts a task where there is none yet, and connectors where there are fewest", () => {
  assert.equal(place("task", [host(1, 1), host(2, 0, 5)], 8), 2);
  assert.equal(place("connector", [], 2), null);
  assert.equal(place("connector", [host(1, 9, 0), host(2, 0, 1)], 2), 1);
  assert.equal(place("connector", [host(1, 1, 1)], 2), 1, "no further host for a connector alone");
});

test("placeWork takes a spare host that answers no questions before it starts another", () => {
  assert.equal(place("task", [spare(1)], 2), 1);
  assert.equal(place("task", [spare(1, 1)], 2), null);
  assert.equal(place("task", [host(1, 1), spare(2)], 2), 2);
  assert.equal(place("task", [host(1, 1), spare(2)], 1), 1, "not above the limit");
  assert.equal(place("connector", [host(1, 1), spare(2)], 2), 1);
});

test("placeWork keeps groups apart, each with hosts of its own", () => {
  const hosts = [host(1, 1), host(2, 0, 0, "all of c"), host(3, 5, 0, "all of d")];
  assert.equal(place("task", hosts, 4, { group: "all of c" }), 2);
  assert.equal(place("task", hosts, 4, { group: "all of d" }), null);
  assert.equal(place("task", hosts, 1, { group: "all of d" }), 3);
  assert.equal(place("task", hosts, 4, { group: "task e 0" }), null);
});

test("placeWork puts work back where it ran, if that has no more than the others", () => {
  const hosts = [host(1, 1), host(2, 1), host(3, 2)];
  assert.equal(place("task", hosts, 3, { last: 2 }), 2);
  assert.equal(place("task", hosts, 3, { last: 3 }), 1);
});

test("useless names hosts without work that no other work will join", () => {
  const hosts = [host(1, 0), spare(2), host(3, 0, 0, "task c 0"), host(4, 0, 1, "all of c"), host(5, 0, 0, "all of d")];
  assert.deepEqual(useless(hosts), [3, 5]);
});

test("placeWork spreads tasks evenly and never mixes groups, whatever comes", () => {
  const groups = fc.constantFrom(SHARED_GROUP, "all of c", "task d 0");
  fc.assert(
    fc.property(fc.array(groups, { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), (works, hostsMax) => {
      let hosts: HostLoad[] = [spare(1)];
      for (const group of works) {
        const max = group === "task d 0" ? 1 : hostsMax;
        const id = place("task", hosts, max, { group }) ?? hosts.length + 1;
        if (id > hosts.length) hosts.push(spare(id));
        hosts = hosts.map((each) => {
          if (each.id !== id) return each;
          assert.ok(each.group === null || each.group === group);
          return { ...each, group, tasks: each.tasks + 1 };
        });
      }
      for (const group of new Set(works)) {
        const loads = hosts.filter((each) => each.group === group).map(({ tasks }) => tasks);
        const count = works.filter((each) => each === group).length;
        assert.equal(loads.length, group === "task d 0" ? 1 : Math.min(hostsMax, count));
        assert.ok(Math.max(...loads) - Math.min(...loads) <= 1);
      }
    }),
  );
});
