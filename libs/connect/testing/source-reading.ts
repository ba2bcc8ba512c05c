import { isRetriable, type SourceConnector, type SourcePlugin, type SourceRecord, type SourceTask } from "../mod.ts";
import { errorOf, insist, shown, within } from "./check.ts";
import { connectorContext, sourceTaskContext } from "./fake-contexts.ts";
import { FlowingClock } from "./flowing-clock.ts";
import type { StoredOffsets } from "./stored-offsets.ts";

export interface SourceSettings {
  readonly plugin: SourcePlugin;
  readonly config: Readonly<Record<string, string>>;
  readonly tasksMax: number;
  readonly timeoutMs: number;
}

/** Retriable failures in a row before the source counts as broken. */
const FAILURES_MAX = 20;

/** A connector and its tasks as the runtime runs them, with a clock of our own and offsets in memory. */
export class SourceReading {
  readonly clock = new FlowingClock();
  readonly tasks: SourceTask[] = [];
  /** Of its own: what a connector does from time to time must not make the tasks' time pass. */
  #connectorClock = new FlowingClock();
  #settings: SourceSettings;
  #connector: SourceConnector;
  #stop = new AbortController();

  private constructor(settings: SourceSettings) {
    this.#settings = settings;
    this.#connector = settings.plugin.create();
  }

  /** @param offsets what is committed; the tasks go on from there. */
  static async start(settings: SourceSettings, offsets: StoredOffsets): Promise<SourceReading> {
    const reading = new SourceReading(settings);
    try {
      await reading.#start(offsets);
    } catch (error) {
      await errorOf(() => reading.stop());
      throw error;
    }
    return reading;
  }

  /**
   * Polls the tasks in turn until there are `count` records; of the last batch all are given. Tells each task what is
   * committed, as the runtime does.
   */
  async read(count: number, received: (records: readonly SourceRecord[]) => void = () => {}): Promise<SourceRecord[]> {
    const { timeoutMs } = this.#settings;
    const deadlineMs = Date.now() + timeoutMs;
    const records: SourceRecord[] = [];
    let failures = 0;
    while (records.length < count && Date.now() < deadlineMs) {
      for (const task of this.tasks) {
        let polled: readonly SourceRecord[] | null = null;
        const error = await errorOf(async () => {
          polled = await this.#poll(task);
        });
        if (error !== null && (!isRetriable(error) || ++failures > FAILURES_MAX)) throw error;
        if (error === null) failures = 0;
        const batch: readonly SourceRecord[] = polled ?? [];
        received(batch);
        records.push(...batch);
        for (const record of batch) await task.commitRecord?.(record, null);
        if (batch.length > 0) await task.commit?.(batch.at(-1)!);
      }
    }
    return records;
  }

  /** What each task gives at its next poll. */
  async pollOnce(): Promise<SourceRecord[]> {
    const records: SourceRecord[] = [];
    for (const task of this.tasks) records.push(...((await this.#poll(task)) ?? []));
    return records;
  }

  /** Asks the tasks to end, as the runtime does: signal first, then stop. */
  async stop(): Promise<void> {
    this.abort();
    const { timeoutMs } = this.#settings;
    for (const task of this.tasks) await within(timeoutMs, task.stop(), tooLate("A task's stop", timeoutMs));
    await within(timeoutMs, this.#connector.stop(), tooLate("The connector's stop", timeoutMs));
  }

  abort(): void {
    this.#stop.abort(new Error("the task was asked to stop"));
  }

  async #start(offsets: StoredOffsets): Promise<void> {
    const { plugin, config, tasksMax, timeoutMs } = this.#settings;
    const connector = this.#connector;
    const context = connectorContext(this.#connectorClock, offsets);
    await within(timeoutMs, connector.start(context, config), tooLate("The connector's start", timeoutMs));
    const taskConfigs = await connector.taskConfigs(tasksMax);
    this.#connectorClock.hold();
    insist(taskConfigs.length > 0, "taskConfigs gives no task for the config of this test: there is nothing to read.");
    for (const [number, taskConfig] of taskConfigs.entries()) {
      // Not of the connector that was started: that one runs in another process.
      const task = plugin.create().task();
      this.tasks.push(task);
      const { clock } = this;
      const { signal } = this.#stop;
      const started = task.start(sourceTaskContext({ clock, offsets, config: taskConfig, task: number, signal }));
      await within(timeoutMs, started, tooLate("A task's start", timeoutMs));
    }
    insist(context.raised.length === 0, `The connector raised an error: ${shown(context.raised[0])}`);
  }

  async #poll(task: SourceTask): Promise<readonly SourceRecord[] | null> {
    const { timeoutMs } = this.#settings;
    const longestSleepMs = this.clock.watchLongSleeps();
    const polled = await within(timeoutMs, task.poll(), tooLate("A poll", timeoutMs));
    const waitedMs = longestSleepMs();
    insist(
      waitedMs === 0,
      `A poll waited for ${waitedMs} ms: give null or [] after about a second, and the runtime polls again.`,
    );
    insist(
      polled === null || Array.isArray(polled),
      `A poll gave ${shown(polled)}: give a list of records, or null for none yet.`,
    );
    return polled;
  }
}

function tooLate(what: string, limitMs: number): string {
  return `${what} did not end within ${limitMs} ms: give \`context.signal\` to whatever it waits for, and bound each wait.`;
}
