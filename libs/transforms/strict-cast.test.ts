import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal } from "@millrace/connect";
import type { CastRules } from "./cast-rules.ts";
import type { CastTarget } from "./cast-spec.ts";
import { strictRules } from "./strict-cast.ts";

type Kind = "integer" | "float32" | "float64" | "decimal" | "text";

function apply(target: CastTarget, kind: Kind, value: unknown): unknown {
  const rules = strictRules(target, "the key") as CastRules & Record<Kind, (value: never) => unknown>;
  return (rules[kind] as (value: unknown) => unknown)(value);
}

test("a number that changes is refused", () => {
  const changed: readonly (readonly [CastTarget, Kind, unknown])[] = [
    ["INT8", "integer", 128],
    ["INT32", "integer", 2n ** 40n],
    ["INT64", "integer", 2n ** 63n],
    ["INT32", "float64", 1.5],
    ["INT32", "float64", 1e10],
    ["INT64", "float64", 2 ** 63],
    ["INT64", "float64", Number.NaN],
    ["INT16", "float32", Number.POSITIVE_INFINITY],
    ["INT64", "decimal", new Decimal(15n, 1)],
    ["INT64", "decimal", new Decimal(1n, -19)],
    ["INT8", "decimal", new Decimal(1n, -70)],
    ["FLOAT32", "integer", 16777217],
    ["FLOAT64", "integer", 2n ** 53n + 1n],
    ["FLOAT32", "float64", 1e300],
    ["FLOAT32", "float64", 1e-300],
    ["FLOAT64", "decimal", new Decimal(1n, -400)],
    ["FLOAT64", "decimal", new Decimal(1n, 400)],
    ["FLOAT32", "text", "1e39"],
    ["FLOAT64", "text", " 1e-400"],
    ["FLOAT64", "text", "0x.8p-9999"],
    ["BOOLEAN", "float64", 0.5],
    ["BOOLEAN", "float32", Number.NaN],
    ["BOOLEAN", "decimal", new Decimal(2n ** 64n, 0)],
  ];
  for (const [target, kind, value] of changed) {
    assert.throws(() => apply(target, kind, value), /Casting the key to /, `${kind} ${value} to ${target}`);
  }
});

test("a number that stays, or a fraction that is only rounded, passes", () => {
  const kept: readonly (readonly [CastTarget, Kind, unknown, unknown])[] = [
    ["INT8", "integer", -128, -128],
    ["INT64", "integer", 2n ** 62n, 2n ** 62n],
    ["INT64", "float64", -(2 ** 63), -(2n ** 63n)],
    ["INT32", "float64", -0, 0],
    ["INT64", "decimal", new Decimal(1500n, 2), 15],
    ["INT64", "decimal", new Decimal(0n, 9), 0],
    ["INT64", "decimal", new Decimal(5n, -18), 5n * 10n ** 18n],
    ["FLOAT32", "integer", 2n ** 60n, 2 ** 60],
    ["FLOAT32", "float64", 0.1, Math.fround(0.1)],
    ["FLOAT32", "float64", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["FLOAT32", "float64", Number.NaN, Number.NaN],
    ["FLOAT64", "decimal", new Decimal(1n, 1), 0.1],
    ["FLOAT64", "text", "Infinity", Number.POSITIVE_INFINITY],
    ["FLOAT64", "text", "NaN", Number.NaN],
    ["FLOAT64", "text", "0e5", 0],
    ["FLOAT64", "text", "0x0p5f", 0],
    ["INT32", "text", "12", 12],
    ["BOOLEAN", "integer", 0, false],
    ["BOOLEAN", "float64", -1.5, true],
    ["BOOLEAN", "text", "yes", false],
    ["STRING", "float64", 1e300, "1.0E300"],
  ];
  for (const [target, kind, value, result] of kept) {
    assert.deepStrictEqual(apply(target, kind, value), result, `${kind} ${value} to ${target}`);
  }
});

test("text that is no number fails as ever", () => {
  assert.throws(() => apply("INT8", "text", "300"), {
    message: "Value (300) was out of range for requested data type",
  });
});
