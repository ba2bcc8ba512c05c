import { isRetriable, type SinkRecord } from "@millrace/connect";

export interface PutDeps {
  readonly put: (records: readonly SinkRecord[]) => Promise<void>;
  /** `millrace.put.isolate`: takes a record that alone makes `put` fail; null: such a failure is thrown. */
  readonly atFault: ((record: SinkRecord, error: unknown) => void) | null;
}

/** `put` failed retriably: these records are to be put again. */
export interface Refused {
  readonly error: unknown;
  readonly left: readonly SinkRecord[];
}

/**
 * Puts all records, at once if it can be. With `atFault`, a batch that fails is put in halves, and these in halves, until
 * the records at fault stand alone; the others are put, some of them more than once.
 * @returns null when none is left.
 */
export async function putBatch(records: readonly SinkRecord[], { put, atFault }: PutDeps): Promise<Refused | null> {
  /** The next part is the last one. */
  const parts: (readonly SinkRecord[])[] = [records];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    try {
      await put(part);
    } catch (error) {
      if (isRetriable(error)) return { error, left: [part, ...parts.reverse()].flat() };
      if (atFault === null || part.length === 0) throw error;
      if (part.length === 1) atFault(part[0]!, error);
      else {
        const half = Math.ceil(part.length / 2);
        parts.push(part.slice(half), part.slice(0, half));
      }
    }
  }
  return null;
}
