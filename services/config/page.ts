// Pure: one answer to "what changed since".
import { toRecord } from "./decide.ts";
import type { ChangesPage, StoredConnector } from "./store.ts";

/**
 * @param rows in order of revision, already cut to a page.
 * @param storeRevision of the same snapshot. The row that got it is always there, as tombstones stay; so a page that ends
 * below it has a successor.
 */
export function toPage(rows: readonly StoredConnector[], storeRevision: number): ChangesPage {
  const revision = rows.at(-1)?.revision ?? storeRevision;
  return {
    connectors: rows.filter((row) => !row.deleted).map(toRecord),
    deleted: rows.filter((row) => row.deleted).map((row) => row.name),
    revision,
    more: revision < storeRevision,
  };
}
