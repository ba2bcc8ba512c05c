import { readCommitted } from "../topic-reader.ts";
import { Replay, type TableEvent } from "./replay.ts";

interface Envelope {
  readonly op: string;
  readonly before: TableEvent["before"];
  readonly after: TableEvent["after"];
  readonly source: { readonly lsn: number; readonly snapshot: string };
}

/** All events of a table's topic, tombstones left out. */
export async function readEvents(bootstrapServers: string, topic: string): Promise<TableEvent[]> {
  const events: TableEvent[] = [];
  await readCommitted(bootstrapServers, [topic], ({ value }) => {
    if (value === null) return;
    const { op, before, after, source } = JSON.parse(Buffer.from(value).toString()) as Envelope;
    events.push({ op, lsn: source.lsn, snapshot: op === "r", before, after });
  });
  return events;
}

/** What comes behind the last snapshot in the log must fit what is there. */
export function replayOf(events: readonly TableEvent[]): Replay {
  const replay = new Replay();
  const snapshotLsn = events.reduce((last, { snapshot, lsn }) => (snapshot ? Math.max(last, lsn) : last), 0);
  for (const event of events) replay.read(event, event.lsn > snapshotLsn);
  return replay;
}
