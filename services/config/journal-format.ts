// Pure: the journal as text. A header line, then one JSON line per write.
import { configVersion, connectorRecord } from "@millrace/protocol";
import * as z from "zod";
import type { Entry } from "./connector-table.ts";

const header = '{"millrace":"config-journal","format":1}\n';
const newline = 0x0a;

const entry = z.object({
  connector: connectorRecord.extend({ deleted: z.boolean() }),
  history: z.array(
    // Journals from before passwords were noted have none.
    configVersion.extend({ name: z.string(), passwords: z.array(z.string()).default([]) }),
  ),
});

export function encodeEntry(value: Entry): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

export function encodeJournal(entries: readonly Entry[]): Uint8Array {
  return new TextEncoder().encode(header + entries.map((value) => `${JSON.stringify(value)}\n`).join(""));
}

export type DecodedJournal =
  | { readonly kind: "journal"; readonly entries: readonly Entry[]; readonly goodBytes: number }
  | { readonly kind: "foreign" }
  | { readonly kind: "corrupt"; readonly line: number };

/**
 * A line is acknowledged only once it is on disk and before the next is begun. So a cut can spoil the last line alone, in
 * any way, and that line was never acknowledged: it is left out. `goodBytes` is where it begins, or the end.
 * A line spoilt further up is not the work of a cut: `corrupt`.
 */
export function decodeJournal(bytes: Uint8Array): DecodedJournal {
  const decoder = new TextDecoder();
  let start = new TextEncoder().encode(header).length;
  if (decoder.decode(bytes.subarray(0, start)) !== header) return { kind: "foreign" };
  const entries: Entry[] = [];
  for (;;) {
    const end = bytes.indexOf(newline, start);
    if (end === -1) return { kind: "journal", entries, goodBytes: start };
    const parsed = parseEntry(decoder.decode(bytes.subarray(start, end)));
    if (!parsed) {
      const last = bytes.indexOf(newline, end + 1) === -1;
      return last ? { kind: "journal", entries, goodBytes: start } : { kind: "corrupt", line: entries.length + 2 };
    }
    entries.push(parsed);
    start = end + 1;
  }
}

function parseEntry(text: string): Entry | null {
  try {
    return entry.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
