import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { METRICS } from "./catalogue.ts";
import { metricNames } from "./connect-names.ts";

test("docs/metrics.md has every metric under all its names, with what it means", () => {
  const text = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  const missing = Object.entries(METRICS).flatMap(([group, attributes]) =>
    Object.entries(attributes).flatMap(([attribute, [kind, help]]) => {
      const names = metricNames(group, attribute, kind === "text", "both").map(({ name }) => `\`${name}\``);
      const row = text.split("\n").find((line) => names.every((name) => line.includes(`| ${name} |`)));
      return row?.endsWith(`| ${kind} | ${help} |`) ? [] : [`${group} ${attribute}`];
    }),
  );
  assert.deepEqual(missing, []);
});
