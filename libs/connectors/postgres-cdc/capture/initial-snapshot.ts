import type { SourceRecord } from "@millrace/connect";
import type { Notifier } from "../events/notifications.ts";
import type { SnapshotPosition } from "../events/offset-state.ts";
import { Catalog, type TableName } from "../tables/catalog.ts";
import { PgConnection } from "../wire/pg-connection.ts";
import type { CaptureDeps } from "./capture.ts";
import { runSnapshot } from "./snapshot.ts";

export interface InitialSnapshot {
  readonly capture: CaptureDeps;
  readonly notifier: Notifier;
  readonly position: SnapshotPosition & { readonly snapshotName: string | null };
  readonly tables: readonly TableName[];
  readonly signal: AbortSignal;
  emit(record: SourceRecord): void;
}

/** Rows read ahead: few, so that they live no longer than the memory for what is short-lived holds. */
const QUEUE_MAX = 1000;

/** Opens the connections that read; they are cut when the task stops. */
export async function runInitialSnapshot(given: InitialSnapshot): Promise<void> {
  const { capture, notifier, position, tables, signal, emit } = given;
  const { settings, names, maker, context, queue } = capture;
  const { delayMs, threads, includes } = settings.snapshot;
  if (delayMs > 0) await context.sleep(delayMs, signal);
  const readers = await Promise.all(Array.from({ length: threads }, () => PgConnection.open(settings.address, {})));
  const [connection, ...others] = readers as [PgConnection, ...PgConnection[]];
  const each = (act: (reader: PgConnection) => void) => () => readers.forEach(act);
  const cut = each((reader) => reader.destroy());
  signal.addEventListener("abort", cut, { once: true });
  if (signal.aborted) cut();
  queue.onDemand = each((reader) => reader.resume());
  await runSnapshot(
    {
      settings,
      names,
      maker,
      logger: context.logger,
      notifier,
      metrics: context.metrics,
      connection,
      others,
      catalog: new Catalog(connection),
      snapshotName: position.snapshotName,
      position,
      selects: settings.snapshot.overrides,
      offset: null,
      emit: (record) => {
        emit(record);
        return queue.size < QUEUE_MAX;
      },
      nowMs: () => context.nowMs(),
    },
    tables.filter(({ schema, name }) => includes === null || includes(`${schema}.${name}`)),
  );
  queue.onDemand = null;
  signal.removeEventListener("abort", cut);
  for (const reader of readers) await reader.close();
}
