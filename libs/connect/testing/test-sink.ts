import { isConnectError, type SinkPlugin, type SinkRecord } from "../mod.ts";
import { type Check, errorOf, insist, registerChecks, shown, thenStop } from "./check.ts";
import { connectorChecks } from "./connector-checks.ts";
import { copyOf, firstDifference } from "./data-copy.ts";
import { pluginChecks } from "./plugin-checks.ts";
import { checkRefusal } from "./record-checks.ts";
import { completeRecord, partitionsOf, type SinkSettings, SinkWriting } from "./sink-writing.ts";
import { StoredOffsets } from "./stored-offsets.ts";

type Config = Readonly<Record<string, string>>;

export interface SinkOptions {
  /** A connector's config, without what is not the plugin's own. */
  readonly config: Config;
  /** What to write: at least `value`, with `valueSchema` unless schemaless. Topic, offset and the rest are filled in. */
  readonly records: readonly Partial<SinkRecord>[];
  /** Looks at the destination: called when `records` have been put once and may be committed. */
  readonly verify?: (records: readonly SinkRecord[]) => void | Promise<void>;
  /** A config whose destination cannot be reached: a sink must say so then, not lose records. */
  readonly unreachable?: Config;
  /** Real time each call may take. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Registers the acceptance suite of a sink connector as node tests. They write `records` several times over. */
export function testSink(plugin: SinkPlugin, options: SinkOptions): void {
  registerChecks(`sink ${plugin.class}`, sinkChecks(plugin, options));
}

export function sinkChecks(plugin: SinkPlugin, options: SinkOptions): Check[] {
  const { config, verify = () => {}, unreachable, timeoutMs = 10_000 } = options;
  const settings = { plugin, config, timeoutMs };
  const records = () => options.records.map((record, i) => completeRecord(copyOf(record), i));
  return [
    ...pluginChecks(plugin, config),
    ...connectorChecks(plugin, config, () => new StoredOffsets()),
    {
      name: "writes what it is given, and lets no more be committed than was put",
      run: async () => {
        insist(options.records.length > 0, "Give this test `records` to write.");
        const all = records();
        await writeOnce(settings, all);
        await verify(all);
      },
    },
    { name: "never changes the records", run: () => checkUnchanged(settings, records()) },
    { name: "takes the same records again in a new task, as after a crash", run: () => writeOnce(settings, records()) },
    { name: "gives partitions back and takes them again", run: () => checkRebalance(settings, records()) },
    { name: "writes a tombstone, or refuses it by DataError", run: () => checkTombstone(settings, records()[0]!) },
    ...(unreachable
      ? [
          {
            name: "fails while its destination is away",
            run: () => checkUnreachable({ ...settings, config: unreachable }, records()),
          },
        ]
      : []),
    { name: "can be stopped twice, and when it never started", run: () => checkStop(settings) },
  ];
}

/** The whole life of a task: empty puts, two batches with commits, partitions given back, stop. */
async function writeOnce(settings: SinkSettings, records: readonly SinkRecord[]): Promise<void> {
  await withTask(settings, async (writing) => {
    await writing.open(partitionsOf(records));
    await writing.put([]);
    await writing.commit();
    const half = Math.ceil(records.length / 2);
    await writing.put(records.slice(0, half));
    await writing.commit();
    await writing.put(records.slice(half));
    await writing.put([]);
    await writing.commit();
    await writing.close();
  });
}

async function checkUnchanged(settings: SinkSettings, records: readonly SinkRecord[]): Promise<void> {
  const before = records.map(copyOf);
  await writeOnce(settings, records);
  const change = firstDifference(before, records, "records");
  insist(
    change === null,
    `It changes what it was given: ${change}. A batch that fails is put again: copy what you change.`,
  );
}

async function checkRebalance(settings: SinkSettings, records: readonly SinkRecord[]): Promise<void> {
  await withTask(settings, async (writing) => {
    for (let round = 0; round < 2; round++) {
      await writing.open(partitionsOf(records));
      await writing.put(records);
      await writing.commit();
      await writing.close();
    }
    await writing.open([]);
    await writing.put([]);
    await writing.close();
  });
}

async function checkTombstone(settings: SinkSettings, record: SinkRecord): Promise<void> {
  const tombstone: SinkRecord = { ...record, valueSchema: null, value: null };
  await withTask(settings, async (writing) => {
    await writing.open(partitionsOf([tombstone]));
    const error = await errorOf(async () => {
      await writing.put([tombstone]);
      await writing.commit();
    });
    if (error !== null) checkRefusal(error, "A record whose value is null");
  });
}

async function checkUnreachable(settings: SinkSettings, records: readonly SinkRecord[]): Promise<void> {
  let claimed = 0;
  const error = await errorOf(() =>
    withTask(settings, async (writing) => {
      await writing.open(partitionsOf(records));
      await writing.put(records);
      claimed = (await writing.commit()).length;
    }),
  );
  insist(
    error !== null || claimed === 0,
    "put and preCommit go well though the destination cannot be reached: the records would be lost.",
  );
  insist(
    error === null || isConnectError(error),
    `With the destination away it fails with ${shown(error)}: throw RetriableError for what may pass, with the cause, and ` +
      "ConnectError for what does not.",
  );
}

async function checkStop(settings: SinkSettings): Promise<void> {
  const writing = await SinkWriting.start(settings);
  await writing.stop();
  const again = await errorOf(() => writing.stop());
  insist(again === null, `A second stop fails: ${shown(again)}. Stopping what is stopped does nothing.`);
  const unstarted = await errorOf(() => settings.plugin.create().task().stop());
  insist(
    unstarted === null,
    `stop() of a task that never started fails: ${shown(unstarted)}. A task whose start fails is stopped too.`,
  );
}

async function withTask(settings: SinkSettings, use: (writing: SinkWriting) => Promise<void>): Promise<void> {
  await thenStop(await SinkWriting.start(settings), use);
}
