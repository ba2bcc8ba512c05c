import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compareVersions } from "./maven-version.ts";
import { VersionRange } from "./version-range.ts";

type Range = readonly [spec: string, text: string, admitted: string, newest: string | null];

/** Recorded from Maven's own classes. */
const { versions, compare, available, ranges } = JSON.parse(
  readFileSync(new URL("./maven-version.vectors.json", import.meta.url), "utf8"),
) as {
  versions: string[];
  /** Row by column: `<`, `=` or `>`. */
  compare: string[];
  available: string[];
  ranges: (Range | readonly [spec: string, refused: { error: string }])[];
};

test("compareVersions orders every pair as Maven does", () => {
  const sign = (difference: number) => (difference < 0 ? "<" : difference > 0 ? ">" : "=");
  for (const [row, left] of versions.entries()) {
    const expected = compare[row]!;
    const actual = versions.map((right) => sign(compareVersions(left, right))).join("");
    assert.equal(actual, expected, left);
  }
});

test("VersionRange reads, shows and matches as Maven does, and refuses in its words", () => {
  for (const [spec, ...expected] of ranges) {
    const open = () => VersionRange.of(spec)!;
    if (typeof expected[0] === "object") {
      assert.throws(open, { message: expected[0].error, code: "PLUGIN_VERSION_INVALID" }, spec);
      continue;
    }
    const range = open();
    const admitted = available.map((version) => (range.admits(version) ? "1" : "0")).join("");
    assert.deepEqual([range.toString(), admitted, range.newestOf(available)], expected, spec);
  }
});

test("VersionRange of latest, and of nothing, is any version", () => {
  for (const requirement of ["latest", null, undefined]) assert.equal(VersionRange.of(requirement), null);
  assert.equal(VersionRange.of("LATEST")?.toString(), "[LATEST,LATEST]");
});
