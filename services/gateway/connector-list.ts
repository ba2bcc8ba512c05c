import {
  type ConnectorRecord,
  type ConnectorStatus,
  configChanges,
  ProtocolError,
  statusList,
} from "@millrace/protocol";
import type { Ask } from "./ask.ts";

/** Every connector, in name order. A change between two pages shows up in the later one, so the last word counts. */
export async function listConnectors(ask: Ask, signal: AbortSignal): Promise<ConnectorRecord[]> {
  const records = new Map<string, ConnectorRecord>();
  let sinceRevision = 0;
  for (;;) {
    const page = await ask(configChanges, { sinceRevision }, { signal });
    for (const name of page.deleted) records.delete(name);
    for (const record of page.connectors) records.set(record.name, record);
    if (!page.more) return [...records.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (page.revision <= sinceRevision) {
      throw new ProtocolError(
        "INTERNAL",
        `The config service has more changes than revision ${sinceRevision} but no next one`,
      );
    }
    sinceRevision = page.revision;
  }
}

/** Every connector's status by name. */
export async function listStatuses(ask: Ask, signal: AbortSignal): Promise<Map<string, ConnectorStatus>> {
  const statuses = new Map<string, ConnectorStatus>();
  let after: string | null = null;
  for (;;) {
    const page: { statuses: ConnectorStatus[]; more: boolean } = await ask(statusList, { after }, { signal });
    for (const status of page.statuses) statuses.set(status.name, status);
    const last = page.statuses.at(-1)?.name;
    if (!page.more || last === undefined) return statuses;
    after = last;
  }
}
