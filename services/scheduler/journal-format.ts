// Pure: the scheduler's journal as text. A header line, then one JSON object a line; the last one of a connector counts.
import * as z from "zod";
import type { ConnectorState } from "./model.ts";

const header = '{"millrace":"scheduler-journal","format":1}';

const entry = z.union([
  z.object({ epoch: z.int() }),
  z.object({
    connector: z.string(),
    generation: z.int(),
    tasksVersion: z.int(),
    taskCountRecord: z.int().nullable(),
    fencedGeneration: z.int(),
  }),
]);
export type JournalEntry = { readonly epoch: number } | ConnectorState;

export class JournalError extends Error {
  readonly code: "JOURNAL_FOREIGN" | "JOURNAL_CORRUPT";
  readonly retriable = false;

  constructor(code: "JOURNAL_FOREIGN" | "JOURNAL_CORRUPT", message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "JournalError";
    this.code = code;
  }
}

export function encodeJournal(entries: readonly JournalEntry[]): string {
  return `${[header, ...entries.map((item) => JSON.stringify(item))].join("\n")}\n`;
}

export interface DecodedJournal {
  readonly epoch: number;
  readonly connectors: ReadonlyMap<string, ConnectorState>;
}

/** What follows the last newline is a write that its process did not live to finish, and answered to nobody. */
export function decodeJournal(path: string, text: string): DecodedJournal {
  const [first, ...lines] = text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1);
  if (first !== header) {
    throw new JournalError("JOURNAL_FOREIGN", `${path} is not a scheduler journal of Millrace; name another file`);
  }
  let epoch = 0;
  const connectors = new Map<string, ConnectorState>();
  for (const [index, line] of lines.entries()) {
    const item = parseEntry(path, index + 2, line);
    if ("epoch" in item) epoch = item.epoch;
    else connectors.set(item.connector, item);
  }
  return { epoch, connectors };
}

function parseEntry(path: string, number: number, line: string): JournalEntry {
  try {
    return entry.parse(JSON.parse(line));
  } catch (cause) {
    throw new JournalError(
      "JOURNAL_CORRUPT",
      `Line ${number} of the scheduler's journal ${path} cannot be read; restore the file from a backup, or remove it if ` +
        "no exactly-once connector has ever run here",
      cause,
    );
  }
}
