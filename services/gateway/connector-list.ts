import {
  type ConnectorRecord,
  type ConnectorStatus,
  configChanges,
  ProtocolError,
  statusList,
} from "@millrace/protocol";
import type { Ask } from "./ask.ts";

/** A database that was restored may tell other things under revisions that are known: then everything is read anew. */
const READ_ANEW_EVERY = 500;

interface Known {
  /** In name order. */
  readonly records: readonly ConnectorRecord[];
  readonly revision: number;
}

const NOTHING: Known = { records: [], revision: 0 };

/** Every connector as it is when asked. Only what has changed since the last time is read: thousands of configs are megabytes. */
export class ConnectorList {
  readonly #ask: Ask;
  #known = NOTHING;
  #asked = 0;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** In name order. */
  async read(signal: AbortSignal): Promise<readonly ConnectorRecord[]> {
    this.#asked += 1;
    const isAnew = this.#asked % READ_ANEW_EVERY === 0;
    const read = await this.#since(isAnew ? NOTHING : this.#known, signal);
    // Who asked at the same time may know more by now.
    if (isAnew || read.revision >= this.#known.revision) this.#known = read;
    return read.records;
  }

  /** A change between two pages shows up in the later one, so the last word counts. */
  async #since(known: Known, signal: AbortSignal): Promise<Known> {
    const records = new Map(known.records.map((record) => [record.name, record]));
    let isChanged = false;
    for (let sinceRevision = known.revision; ; ) {
      const page = await this.#ask(configChanges, { sinceRevision }, { signal });
      if (page.revision < sinceRevision) {
        this.#known = NOTHING;
        return this.#since(NOTHING, signal);
      }
      for (const name of page.deleted) records.delete(name);
      for (const record of page.connectors) records.set(record.name, record);
      isChanged ||= page.deleted.length + page.connectors.length > 0;
      if (!page.more) return { records: isChanged ? sorted(records) : known.records, revision: page.revision };
      if (page.revision === sinceRevision) {
        throw new ProtocolError(
          "INTERNAL",
          `The config service has more changes than revision ${sinceRevision} but no next one`,
        );
      }
      sinceRevision = page.revision;
    }
  }
}

function sorted(records: ReadonlyMap<string, ConnectorRecord>): readonly ConnectorRecord[] {
  return [...records.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every connector's status by name. @param timeoutMs of one page. Default: as long as any question. */
export async function listStatuses(
  ask: Ask,
  signal: AbortSignal,
  timeoutMs?: number,
): Promise<Map<string, ConnectorStatus>> {
  const statuses = new Map<string, ConnectorStatus>();
  let after: string | null = null;
  for (;;) {
    const page: { statuses: ConnectorStatus[]; more: boolean } = await ask(
      statusList,
      { after },
      timeoutMs === undefined ? { signal } : { signal, timeoutMs },
    );
    for (const status of page.statuses) statuses.set(status.name, status);
    const last = page.statuses.at(-1)?.name;
    if (!page.more || last === undefined) return statuses;
    after = last;
  }
}
