// Pure: copies of records with a part that may be new.
import type { ConnectRecord } from "@millrace/connect";

/**
 * For a part that the record may lack. A spread that adds a property gives each copy a hidden class of its own, which costs
 * more than a microsecond here and slows down all that is done to the copy; replacing what is there is cheaper by a spread.
 */
export function withPart<R extends ConnectRecord>(record: R, parts: Partial<ConnectRecord>): R {
  return Object.assign({}, record, parts);
}
