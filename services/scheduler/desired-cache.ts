import type { Bus } from "@millrace/bus";
import { type ConnectorRecord, configChanges } from "@millrace/protocol";
import type { Desired } from "./model.ts";

/** The config service's connectors, read by its feed of changes. What was read stays when the service is out of reach. */
export class DesiredCache {
  readonly #bus: Bus;
  readonly #connectors = new Map<string, ConnectorRecord>();
  #revision = 0;
  #isComplete = false;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** false before the first complete read: nothing may be decided from half of it. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** As it is now: of these, or of all. */
  of(names: Iterable<string> | null): Desired {
    if (names === null) return new Map(this.#connectors);
    const connectors = new Map<string, ConnectorRecord>();
    for (const name of names) {
      const record = this.#connectors.get(name);
      if (record) connectors.set(name, record);
    }
    return connectors;
  }

  /**
   * Reads on from where it is.
   * @param changed is told what changed, page by page: a page that was read counts when the next one is not answered.
   * @returns whether anything may be decided anew. Rejects when the config service does not answer.
   */
  async refresh(signal: AbortSignal, changed: (connector: string) => void): Promise<boolean> {
    const before = this.#isComplete ? this.#revision : null;
    for (let more = true; more; ) {
      const page = await this.#bus.request(configChanges, { sinceRevision: this.#revision }, { signal });
      for (const name of page.deleted) this.#connectors.delete(name);
      for (const record of page.connectors) this.#connectors.set(record.name, record);
      for (const name of page.deleted) changed(name);
      for (const { name } of page.connectors) changed(name);
      this.#revision = page.revision;
      more = page.more;
    }
    this.#isComplete = true;
    return before !== this.#revision;
  }
}
