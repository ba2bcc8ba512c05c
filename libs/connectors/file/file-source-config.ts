// Pure: what a file source can be configured with, and which offsets it takes.
import { ConfigDef, ConnectError, NonEmptyString, type OffsetMap, type TaskConfig } from "@millrace/connect";

export const FILENAME_FIELD = "filename";
export const POSITION_FIELD = "position";

export const fileSourceConfigDef = new ConfigDef()
  .define({
    name: "file",
    type: "STRING",
    default: null,
    importance: "HIGH",
    documentation: "Source filename. If not specified, the standard input will be used",
  })
  .define({
    name: "topic",
    type: "STRING",
    validator: NonEmptyString,
    importance: "HIGH",
    documentation: "The topic to publish data to",
  })
  .define({
    name: "batch.size",
    type: "INT",
    default: 2000,
    importance: "LOW",
    documentation: "The maximum number of records the source task can read from the file each time it is polled",
  });

export interface FileSourceConfig {
  /** Null: standard input. */
  readonly file: string | null;
  readonly topic: string;
  readonly batchSize: number;
}

/** @throws ConfigError when a value is missing or wrong. */
export function fileSourceConfig(config: TaskConfig): FileSourceConfig {
  const parsed = fileSourceConfigDef.parse(config);
  return {
    file: (parsed.file as string | null) || null,
    topic: parsed.topic as string,
    batchSize: Math.max(1, parsed["batch.size"] as number),
  };
}

/** @throws ConnectError for offsets this source could not have written; a null offset removes and is always fine. */
export function checkFileOffsets(
  config: TaskConfig,
  offsets: readonly { readonly partition: OffsetMap; readonly offset: OffsetMap | null }[],
): true {
  if (fileSourceConfig(config).file === null) {
    throw refused(
      "Offsets cannot be modified if the 'file' configuration is unspecified. " +
        "This is because stdin is used for input and offsets are not tracked.",
    );
  }
  for (const { partition, offset } of offsets) {
    if (offset !== null) checkFileOffset(partition, offset);
  }
  return true;
}

function checkFileOffset(partition: OffsetMap | null, offset: OffsetMap): void {
  if (!Object.hasOwn(offset, POSITION_FIELD)) {
    throw refused(`Offset objects should either be null or contain the key '${POSITION_FIELD}'`);
  }
  const position = offset[POSITION_FIELD];
  if (typeof position !== "bigint" && !Number.isSafeInteger(position)) {
    throw refused(`The value for the '${POSITION_FIELD}' key in the offset is expected to be a Long value`);
  }
  if (Number(position) < 0) {
    throw refused(`The value for the '${POSITION_FIELD}' key in the offset should be a non-negative value`);
  }
  if (partition === null) throw refused("Partition objects cannot be null");
  if (!Object.hasOwn(partition, FILENAME_FIELD)) {
    throw refused(`Partition objects should contain the key '${FILENAME_FIELD}'`);
  }
}

function refused(message: string): ConnectError {
  return new ConnectError(message, { code: "OFFSET_INVALID" });
}
