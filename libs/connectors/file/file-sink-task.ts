import { type FileHandle, open } from "node:fs/promises";
import { ConfigDef, type SinkRecord, type SinkTask, type SinkTaskContext, valueText } from "@millrace/connect";

export const fileSinkConfigDef = new ConfigDef().define({
  name: "file",
  type: "STRING",
  default: null,
  importance: "HIGH",
  documentation: "Destination filename. If not specified, the standard output will be used",
});

/** Appends one line per record: the value as text. At least once: a batch repeated after a failure is appended again. */
export class FileSinkTask implements SinkTask {
  #handle: FileHandle | null = null;

  async start(context: SinkTaskContext): Promise<void> {
    const { file } = fileSinkConfigDef.parse(context.config) as { readonly file: string | null };
    if (file !== null && file !== "") this.#handle = await open(file, "a");
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return;
    const lines = linesOf(records);
    if (this.#handle !== null) await this.#handle.appendFile(lines);
    else await writeStandardOutput(lines);
  }

  /** On disk, not only in the page cache: the offsets committed next say that these records are done (I6). */
  async flush(): Promise<void> {
    await this.#handle?.datasync().catch((error: NodeJS.ErrnoException) => {
      // A device or a pipe, /dev/null say, has nothing to bring to disk.
      if (error.code !== "EINVAL") throw error;
    });
  }

  async stop(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }
}

function linesOf(records: readonly SinkRecord[]): string {
  let lines = "";
  for (const { value, valueSchema } of records) {
    lines += typeof value === "string" ? value : valueText(value, valueSchema);
    lines += "\n";
  }
  return lines;
}

function writeStandardOutput(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
