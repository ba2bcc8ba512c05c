// Nanoseconds of CPU time a record for every transform, with and without schemas. See README.md.
//   npm run bench:transforms [-- part of a class name …]
import type { Transformation, TransformationPlugin } from "@millrace/connect";
import transforms from "@millrace/transforms/plugin";
import debezium from "@millrace/transforms-debezium/plugin";
import { CASES, makeRecords, type Shape } from "./transform-cases.ts";

const RECORDS = 256;
const ROUNDS = 9;
const ROUND_MS = 12;
const WARM_UP_MS = 60;

const parts = process.argv.slice(2);
const measured = [...transforms, ...debezium]
  .filter((plugin): plugin is TransformationPlugin => plugin.type === "transformation")
  .filter((plugin) => parts.length === 0 || parts.some((part) => plugin.class.includes(part)));

console.log(`| transform | schema, ns | schemaless, ns |\n|---|---|---|`);
for (const plugin of measured) {
  const { config, shape = "order", schemaOnly = false } = caseOf(plugin);
  const withSchema = nanosecondsPerRecord(plugin, config, shape, true);
  const without = schemaOnly ? "–" : nanosecondsPerRecord(plugin, config, shape, false);
  console.log(`| ${plugin.class.slice(plugin.class.lastIndexOf(".") + 1)} | ${withSchema} | ${without} |`);
}

function caseOf(plugin: TransformationPlugin) {
  const found = CASES[plugin.class.replace(/\$(Key|Value)$/, "")];
  if (found === undefined) throw new Error(`${plugin.class} has no case: add one to transform-cases.ts`);
  return found;
}

function nanosecondsPerRecord(
  plugin: TransformationPlugin,
  config: Readonly<Record<string, string>>,
  shape: Shape,
  withSchema: boolean,
): number {
  const transformation = plugin.create();
  transformation.configure(config);
  const records = makeRecords(shape, withSchema, RECORDS);
  const apply = (times: number) => applyAll(transformation, records, times);
  let times = 1;
  const warmUntil = performance.now() + WARM_UP_MS;
  while (performance.now() < warmUntil) apply(times);
  while (cpuMs(() => apply(times)) < ROUND_MS) times *= 2;
  const rounds = Array.from({ length: ROUNDS }, () => cpuMs(() => apply(times))).sort((a, b) => a - b);
  transformation.close?.();
  return Math.round((rounds[ROUNDS >> 1]! * 1e6) / (times * RECORDS));
}

/** How many were kept: a result that the compiler cannot leave out. */
function applyAll(transformation: Transformation, records: ReturnType<typeof makeRecords>, times: number): number {
  let kept = 0;
  for (let round = 0; round < times; round++) {
    for (let i = 0; i < records.length; i++) if (transformation.apply(records[i]!) !== null) kept += 1;
  }
  return kept;
}

/** CPU time, so that other processes' work does not count; with that of the collector's threads. */
function cpuMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
