import type { SourcePlugin, SourceRecord } from "../mod.ts";
import { type Check, errorOf, insist, registerChecks, shown, thenStop, within } from "./check.ts";
import { connectorChecks } from "./connector-checks.ts";
import { copyOf, firstDifference } from "./data-copy.ts";
import { pluginChecks } from "./plugin-checks.ts";
import { checkPosition, checkRecord } from "./record-checks.ts";
import { SourceReading, type SourceSettings } from "./source-reading.ts";
import { offsetText, partitionKey, StoredOffsets } from "./stored-offsets.ts";

export interface SourceOptions {
  /** A connector's config, without what is not the plugin's own. It must be there to read from, with records in it. */
  readonly config: Readonly<Record<string, string>>;
  /** How many records to read from the start: at least 2. A source that has more is not read to its end. */
  readonly records: number;
  /** Default 1. */
  readonly tasksMax?: number;
  /** False for a source that keeps no offsets, or whose records are gone once committed. Default true. */
  readonly resumes?: boolean;
  /** Real time that the records may take to come, and each call to return. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Registers the acceptance suite of a source connector as node tests. */
export function testSource(plugin: SourcePlugin, options: SourceOptions): void {
  registerChecks(`source ${plugin.class}`, sourceChecks(plugin, options));
}

export function sourceChecks(plugin: SourcePlugin, options: SourceOptions): Check[] {
  const { config, records: count, tasksMax = 1, resumes = true, timeoutMs = 10_000 } = options;
  const settings = { plugin, config, tasksMax, timeoutMs };
  let first: Promise<SourceRecord[]> | null = null;
  const fromStart = () => {
    first ??= readFromStart(settings, count);
    return first;
  };
  return [
    ...pluginChecks(plugin, config),
    ...connectorChecks(plugin, config, () => new StoredOffsets()),
    { name: "says whether it supports exactly once", run: async () => checkSupport(plugin, config, await fromStart()) },
    { name: "gives records that fit their schemas", run: async () => checkRecords(await fromStart()) },
    { name: "gives partitions and offsets that can be stored", run: async () => checkPositions(await fromStart()) },
    { name: "uses one schema object for all records of a kind", run: async () => checkSchemas(await fromStart()) },
    { name: "never changes records it has handed over", run: () => checkKept(settings, count) },
    ...(resumes
      ? [
          {
            name: "goes on after any committed record, without gap or repetition",
            run: async () => checkResume(settings, await fromStart()),
          },
        ]
      : []),
    ...(plugin.alterOffsets
      ? [{ name: "takes its own offsets back", run: async () => checkAlter(plugin, config, await fromStart()) }]
      : []),
    {
      name: "ends a waiting poll when asked to stop, and can be stopped twice",
      run: () => checkStop(settings, fromStart),
    },
    { name: "can be stopped when it never started", run: () => checkStopUnstarted(plugin) },
  ];
}

async function readFromStart(settings: SourceSettings, count: number): Promise<SourceRecord[]> {
  insist(count >= 2, "Say `records: 2` or more, and have as many there: resuming needs something to go on with.");
  return thenStop(await SourceReading.start(settings, new StoredOffsets()), async (reading) => {
    const records = await reading.read(count);
    insist(
      records.length >= count,
      `${records.length} records came within ${settings.timeoutMs} ms, where this test says ${count}.`,
    );
    return records.slice(0, count);
  });
}

function checkSupport(plugin: SourcePlugin, config: SourceOptions["config"], records: readonly SourceRecord[]): void {
  const support = plugin.exactlyOnceSupport?.(config) ?? null;
  insist(
    support === null || support === "SUPPORTED" || support === "UNSUPPORTED",
    `exactlyOnceSupport answers ${shown(support)}: answer "SUPPORTED", "UNSUPPORTED", or null for no statement.`,
  );
  const without = records.findIndex(({ sourceOffset }) => sourceOffset === null);
  insist(
    support !== "SUPPORTED" || without === -1,
    `exactlyOnceSupport answers "SUPPORTED", but record ${without + 1} has no sourceOffset: after a restart it would come again.`,
  );
}

function checkRecords(records: readonly SourceRecord[]): void {
  for (const [i, record] of records.entries()) checkRecord(record, `Record ${i + 1}`);
}

function checkPositions(records: readonly SourceRecord[]): void {
  const written = new Map<string, string>();
  for (const [i, { sourcePartition, sourceOffset }] of records.entries()) {
    checkPosition(sourcePartition, sourceOffset, `Record ${i + 1}`);
    if (sourcePartition === null) continue;
    const text = offsetText(sourcePartition);
    const before = written.get(partitionKey(sourcePartition)) ?? text;
    insist(
      before === text,
      `The partition ${before} of earlier records is ${text} in record ${i + 1}: keep the order of keys, it is part of what is stored.`,
    );
    written.set(partitionKey(sourcePartition), text);
  }
}

function checkSchemas(records: readonly SourceRecord[]): void {
  for (const side of ["keySchema", "valueSchema"] as const) {
    const byTopic = new Map<string, SourceRecord[typeof side]>();
    for (const [i, record] of records.entries()) {
      const schema = record[side] ?? null;
      const before = byTopic.get(record.topic) ?? null;
      insist(
        schema === null || before === null || schema === before || !schema.equals(before),
        `Record ${i + 1} has a new ${side} that equals the one before: build a schema once and use it again. ` +
          "Converters compile, and registries look up, each schema object they have not seen.",
      );
      byTopic.set(record.topic, schema);
    }
  }
}

async function checkKept(settings: SourceSettings, count: number): Promise<void> {
  const copies: SourceRecord[] = [];
  const records = await thenStop(await SourceReading.start(settings, new StoredOffsets()), (reading) =>
    reading.read(count, (batch) => copies.push(...batch.map(copyOf))),
  );
  const change = firstDifference(copies, records, "records");
  insist(
    change === null,
    `A record changed after it was polled: ${change}. Records wait for their commit: make new ones.`,
  );
}

/** As after a crash: the tasks start anew with the offsets of what was committed, here after each of some records. */
async function checkResume(settings: SourceSettings, all: readonly SourceRecord[]): Promise<void> {
  const n = all.length;
  const cuts = new Set([1, 2, Math.floor(n / 4), Math.floor(n / 2), Math.floor((3 * n) / 4), n - 1, n]);
  for (const cut of [...cuts].filter((each) => each >= 1 && each <= n)) {
    const offsets = new StoredOffsets();
    for (const record of all.slice(0, cut)) offsets.commit(record);
    await thenStop(await SourceReading.start(settings, offsets), (reading) => checkRest(reading, all, cut));
  }
}

async function checkRest(reading: SourceReading, all: readonly SourceRecord[], cut: number): Promise<void> {
  const at = `After record ${cut} of ${all.length} was committed, with the offset ${shown(all[cut - 1]!.sourceOffset)}, and the task started anew,`;
  if (cut === all.length) return checkNothingAgain(reading, all, at);
  const rest = await reading.read(all.length - cut);
  const expected = byPartition(all.slice(cut));
  const came = byPartition(rest);
  for (const [partition, wanted] of expected) {
    const got = came.get(partition) ?? [];
    for (const [i, record] of wanted.entries()) {
      if (i >= got.length && rest.length >= all.length - cut) break;
      const position = shown(record.sourceOffset);
      insist(i < got.length, `${at} the record with offset ${position} of partition ${partition} did not come: a gap.`);
      const difference = firstDifference(identityOf(record), identityOf(got[i]!), "record");
      insist(
        difference === null,
        `${at} the next record of partition ${partition} should be the one with offset ${position}: ${difference}. ` +
          "A record's sourceOffset must say where to go on after it.",
      );
    }
  }
}

async function checkNothingAgain(reading: SourceReading, all: readonly SourceRecord[], at: string): Promise<void> {
  for (let i = 0; i < 3; i++) {
    for (const record of await reading.pollOnce()) {
      const again = all.find((each) => firstDifference(identityOf(each), identityOf(record), "") === null);
      insist(
        again === undefined,
        `${at} that record, or one before, came again: offset ${shown(record.sourceOffset)}.`,
      );
    }
  }
}

/** What makes a record the same one; the time it was read is not part of it. */
function identityOf({
  topic,
  key,
  value,
  keySchema,
  valueSchema,
  headers,
  sourcePartition,
  sourceOffset,
}: SourceRecord) {
  return { topic, key, value, keySchema, valueSchema, headers, sourcePartition, sourceOffset };
}

function byPartition(records: readonly SourceRecord[]): Map<string, SourceRecord[]> {
  const groups = new Map<string, SourceRecord[]>();
  for (const record of records) {
    const key = partitionKey(record.sourcePartition);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return groups;
}

async function checkAlter(
  plugin: SourcePlugin,
  config: SourceOptions["config"],
  records: readonly SourceRecord[],
): Promise<void> {
  const { sourcePartition: partition, sourceOffset: offset } = records.at(-1)!;
  if (partition === null || offset === null) return;
  for (const given of [offset, null]) {
    const error = await errorOf(() => plugin.alterOffsets?.(config, [{ partition, offset: given }]));
    insist(
      error === null,
      `alterOffsets refuses ${shown(given)}, an offset of its own (null removes one): ${shown(error)}`,
    );
  }
}

/** For a poll that waits: after the signal the runtime has little patience. */
const STOP_LIMIT_MS = 3000;

async function checkStop(settings: SourceSettings, fromStart: () => Promise<readonly SourceRecord[]>): Promise<void> {
  const offsets = new StoredOffsets();
  for (const record of await fromStart()) offsets.commit(record);
  const reading = await SourceReading.start(settings, offsets);
  for (let i = 0; i < 3; i++) await reading.pollOnce();
  reading.clock.hold();
  // Ends by itself, by the signal, or fails: all is well, but for one that goes on.
  const waiting = Promise.all(reading.tasks.map((task) => errorOf(() => task.poll())));
  await new Promise((resolve) => setTimeout(resolve, 20));
  reading.abort();
  const limitMs = Math.min(STOP_LIMIT_MS, settings.timeoutMs);
  const message = `A poll that was waiting did not end within ${limitMs} ms of the signal: give \`context.signal\` to whatever it waits for.`;
  await within(limitMs, waiting, message);
  await reading.stop();
  const error = await errorOf(() => reading.stop());
  insist(error === null, `A second stop fails: ${shown(error)}. Stopping what is stopped does nothing.`);
}

/** The runtime stops a task whose start has failed. */
async function checkStopUnstarted(plugin: SourcePlugin): Promise<void> {
  const error = await errorOf(() => plugin.create().task().stop());
  insist(
    error === null,
    `stop() of a task that never started fails: ${shown(error)}. A task whose start fails is stopped too.`,
  );
}
