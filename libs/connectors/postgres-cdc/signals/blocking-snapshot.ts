import type { OffsetMap } from "@millrace/connect";
import type { CaptureDeps } from "../capture/capture.ts";
import { runSnapshot } from "../capture/snapshot.ts";
import { anyOf } from "../config/patterns.ts";
import type { Notifier } from "../events/notifications.ts";
import { Catalog, type TableName } from "../tables/catalog.ts";
import { parseLsn } from "../wire/messages.ts";
import { PgConnection } from "../wire/pg-connection.ts";
import { PgError } from "../wire/pg-error.ts";
import type { StreamState } from "./change-watch.ts";
import type { SnapshotRequest } from "./signal.ts";

export interface BlockingDeps extends CaptureDeps {
  readonly notifier: Notifier;
  readonly stream: StreamState;
  readonly signal: AbortSignal;
  /** In the order a snapshot reads them. */
  tables(): Promise<readonly TableName[]>;
}

/**
 * Reads tables as of now while the stream stands still. Its records have the stream's offset: cut off, the signal that asked for
 * it comes again and it starts anew.
 */
export async function runBlockingSnapshot(deps: BlockingDeps, request: SnapshotRequest): Promise<void> {
  const { settings, names, maker, queue, confirmations, context, notifier, stream } = deps;
  const wanted = anyOf(request.collections);
  const tables = (await deps.tables()).filter(({ schema, name }) => wanted(`${schema}.${name}`));
  const connection = await PgConnection.open(settings.address, {});
  const cut = () => connection.destroy();
  deps.signal.addEventListener("abort", cut, { once: true });
  const before = queue.onDemand;
  queue.onDemand = () => connection.resume();
  try {
    const [row] = await connection.query("SELECT pg_current_wal_lsn() AS lsn, txid_current() AS txid");
    const lsn = parseLsn(row!.lsn!);
    const { commitLsn } = stream.place();
    const offset: OffsetMap = stream.offset();
    await runSnapshot(
      {
        settings,
        names,
        maker,
        notifier,
        logger: context.logger,
        metrics: context.metrics,
        connection,
        catalog: new Catalog(connection),
        snapshotName: null,
        position: {
          lsn,
          resumeLsn: lsn,
          txId: Number(row!.txid),
          tsUs: context.nowMs() * 1000,
          commitLsn,
          timeline: null,
        },
        selects: new Map(request.conditions.map(({ collection, filter }) => [collection, filter])),
        offset,
        emit: (record) => {
          queue.push(record);
          confirmations.emitted();
          return !queue.full;
        },
        nowMs: () => context.nowMs(),
      },
      tables,
    );
  } catch (error) {
    // A SELECT that is none must not fail the task: the signal would come again with each restart.
    if (!(error instanceof PgError) || error.retriable) throw error;
    context.logger.warn("Blocking snapshot given up.", { signal: request.id, error: error.message });
  } finally {
    queue.onDemand = before;
    deps.signal.removeEventListener("abort", cut);
    await connection.close();
  }
}
