import assert from "node:assert/strict";
import { test } from "node:test";
import { type FailPoint, failPoints } from "@millrace/fail-points";
import { cuts } from "./link.ts";
import { SeededRandom } from "./seeded-random.ts";
import { planStrikes, victims } from "./strikes.ts";

const points = Object.keys(failPoints) as FailPoint[];
const options = { mix: { points: 8, cuts: 2, processes: 4 }, links: ["a ↔ b", "c ↔ d"], points, victims };

test("a seed fixes what is broken and in which order", () => {
  const plan = (seed: number) => planStrikes({ ...options, kills: 50 }, new SeededRandom(seed));
  assert.deepEqual(plan(3), plan(3));
  assert.notDeepEqual(plan(3), plan(4));
});

test("fourteen strikes are 8 fail points, 2 cuts and 4 processes", () => {
  const plan = planStrikes({ ...options, kills: 14 }, new SeededRandom(1));
  const count = (kind: string) => plan.filter((strike) => strike.kind === kind).length;
  assert.deepEqual([count("fail point"), count("cut"), count("process")], [8, 2, 4]);
});

test("every fail point, victim and way of cutting a link comes once before any comes again", () => {
  const plan = planStrikes({ ...options, kills: points.length * 2 }, new SeededRandom(2));
  const pointsHit = plan.flatMap((strike) => (strike.kind === "fail point" ? [strike.point] : []));
  assert.equal(new Set(pointsHit.slice(0, points.length)).size, points.length);
  const killed = plan.flatMap((strike) => (strike.kind === "process" ? [strike.victim] : []));
  assert.equal(new Set(killed.slice(0, victims.length)).size, victims.length);
  const cut = plan.flatMap((strike) => (strike.kind === "cut" ? [`${strike.link} ${strike.how}`] : []));
  assert.equal(new Set(cut.slice(0, cuts.length * 2)).size, cuts.length * 2);
});
