import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Whose plugin code it is that runs: of a work item, or of a question. It is told by the asynchronous context, so it holds
 * for everything that code starts, its timers and event handlers too; and it costs nothing while nobody asks.
 */
export class Activity {
  /** The work's key, or the question in words. */
  readonly key: string;
  /** The plugin's call that was entered last. */
  call: string | (() => string) | null = null;

  constructor(key: string) {
    this.key = key;
  }
}

const current = new AsyncLocalStorage<Activity>();

/** Runs it, and all that it starts, as this activity. */
export function inActivity<T>(activity: Activity, run: () => T): T {
  return current.run(activity, run);
}

export function currentActivity(): Activity | null {
  return current.getStore() ?? null;
}

/** For the witness, which asks while this thread stands still; JSON. */
export function describeActivity(): string {
  const { key, call } = currentActivity() ?? { key: null, call: null };
  return JSON.stringify({ key, call: typeof call === "function" ? call() : call });
}

/** Of an encoder or decoder that is at work: `value converter com.example.Wire`. */
export function recordStep({ stage, executing }: { readonly stage: string; readonly executing: string }): string {
  return `${stage.toLowerCase().replace("_", " ")} ${executing}`;
}

type Method = (first?: unknown, second?: unknown) => unknown;

/**
 * The same object, whose methods of these names run as the activity and are noted, whoever calls them: a Kafka client's
 * callback, say. One that lacks a method goes on lacking it.
 */
export function noted<T extends object>(activity: Activity, target: T, methods: readonly (keyof T & string)[]): T {
  const calls: Partial<Record<keyof T, Method>> = {};
  for (const name of methods) {
    if (typeof target[name] !== "function") continue;
    calls[name] = (first, second) => {
      activity.call = name;
      if (currentActivity() === activity) return (target[name] as Method)(first, second);
      return inActivity(activity, () => (target[name] as Method)(first, second));
    };
  }
  return calls as T;
}
