import { ProtocolError } from "@millrace/protocol";
import type { Desired, SchedulerState } from "./model.ts";

/** A change that somebody asked for, of one connector. */
export interface Intent {
  readonly connector: string;
  /** Given what is known of the connector, perhaps among others. Throws when it cannot be. */
  readonly apply: (state: SchedulerState, desired: Desired) => SchedulerState;
  readonly resolve: (state: SchedulerState) => void;
  readonly reject: (error: unknown) => void;
}

const INTENTS_MAX = 10_000;

/** Changes that wait for the next tick (I8: bounded). */
export class Intents {
  #waiting: Intent[] = [];

  /** @throws ProtocolError UNAVAILABLE when too many wait. */
  add(intent: Intent): void {
    if (this.#waiting.length >= INTENTS_MAX) throw refusal();
    this.#waiting.push(intent);
  }

  take(): readonly Intent[] {
    return this.#waiting.splice(0);
  }

  refuse(error: ProtocolError): void {
    rejectAll(this.take(), error);
  }
}

export function refusal(): ProtocolError {
  return new ProtocolError("UNAVAILABLE", "This scheduler cannot take the request now; ask again");
}

/** What cannot be is rejected; the rest is in the state. */
export function applyIntents(before: SchedulerState, desired: Desired, intents: readonly Intent[]) {
  let state = before;
  const accepted: Intent[] = [];
  for (const intent of intents) {
    try {
      state = intent.apply(state, desired);
      accepted.push(intent);
    } catch (error) {
      intent.reject(error);
    }
  }
  return { state, accepted };
}

export function rejectAll(intents: readonly Intent[], error: ProtocolError): void {
  for (const intent of intents) intent.reject(error);
}
