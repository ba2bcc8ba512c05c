import type { Bus } from "@millrace/bus";
import { type ConnectorRecord, configChanges } from "@millrace/protocol";
import type { Desired } from "./model.ts";

/** The config service's connectors, read by its feed of changes. What was read stays when the service is out of reach. */
export class DesiredCache {
  readonly #bus: Bus;
  #connectors: ReadonlyMap<string, ConnectorRecord> = new Map();
  #revision = 0;
  #isComplete = false;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** null before the first complete read: nothing may be decided from half of it. */
  current(): Desired | null {
    return this.#isComplete ? this.#connectors : null;
  }

  /** Reads on from where it is. Resolves to whether anything changed; rejects when the config service does not answer. */
  async refresh(signal: AbortSignal): Promise<boolean> {
    const before = this.#isComplete ? this.#revision : null;
    for (let more = true; more; ) {
      const page = await this.#bus.request(configChanges, { sinceRevision: this.#revision }, { signal });
      if (page.connectors.length > 0 || page.deleted.length > 0) {
        const connectors = new Map(this.#connectors);
        for (const name of page.deleted) connectors.delete(name);
        for (const record of page.connectors) connectors.set(record.name, record);
        this.#connectors = connectors;
      }
      this.#revision = page.revision;
      more = page.more;
    }
    this.#isComplete = true;
    return before !== this.#revision;
  }
}
