import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFIG } from "../testing/sample-table.ts";
import { configProblems } from "./config-problems.ts";

const problemsOf = (more: Readonly<Record<string, string>>) =>
  configProblems({ ...CONFIG, ...more }).map(({ name, message }) => [name, message.replace(/^.* is invalid: /, "")]);

test("a configuration that is right has no problems", () => {
  assert.deepEqual(problemsOf({ "table.include.list": "public.(a|b),s\\.t" }), []);
});

test("names lists that are no regular expressions, as Java does", () => {
  assert.deepEqual(problemsOf({ "table.include.list": "public.a,public.(a" }), [
    [
      "table.include.list",
      "A comma-separated list of valid regular expressions is expected, but Unclosed group near index 9\npublic.(a",
    ],
  ]);
});

test("refuses what asks for Java classes", () => {
  const problems = problemsOf({ converters: "mine", "post.processors": "other", "snapshot.mode": "custom" });
  assert.deepEqual(problems.map(([name]) => name).sort(), ["converters", "post.processors", "snapshot.mode"]);
});
