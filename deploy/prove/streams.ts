import { join } from "node:path";
import type postgres from "postgres";
import type { Cluster } from "./cluster.ts";
import { NumberedFile, type NumberedStream, NumberedTable } from "./numbered-rows.ts";

export type SourceKind = "file" | "jdbc";

/** A connector and what flows through it. */
export interface ProvenConnector {
  readonly name: string;
  readonly tasks: number;
  readonly streams: readonly NumberedStream[];
  /** @param revision a setting that changes nothing but the configuration. */
  config(revision: number): Record<string, string>;
}

const PREFIX = "proof-";
const TABLES = ["numbers_a", "numbers_b", "numbers_c"];
const POLL_INTERVAL_MS = 50;
const BATCH_LINES = 2_000;

/** Three streams of the one source; with both, three tables and a file. @param sql for tables. */
export async function proveSources(
  sources: readonly SourceKind[],
  cluster: Cluster,
  sql: postgres.Sql | null,
): Promise<ProvenConnector[]> {
  const connectors: ProvenConnector[] = [];
  if (sources.includes("jdbc")) {
    const tables = TABLES.map((table) => new NumberedTable(sql!, table, PREFIX));
    for (const table of tables) await table.create();
    connectors.push(tablesConnector(tables, cluster.sourceUrl));
  }
  const files = sources.includes("file") ? (sources.length > 1 ? 1 : 3) : 0;
  for (let i = 1; i <= files; i++) {
    connectors.push(fileConnector(new NumberedFile(join(cluster.dir, `lines-${i}.txt`), `${PREFIX}lines-${i}`)));
  }
  return connectors;
}

function tablesConnector(tables: readonly NumberedTable[], sourceUrl: string): ProvenConnector {
  return {
    name: `${PREFIX}tables`,
    tasks: tables.length,
    streams: tables,
    config: (revision) => ({
      "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
      "tasks.max": String(tables.length),
      "connection.url": `jdbc:${sourceUrl.replace("postgres://postgres@", "postgresql://")}`,
      "connection.user": "postgres",
      "connection.attempts": "100",
      "connection.backoff.ms": "200",
      "table.whitelist": TABLES.join(","),
      mode: "incrementing",
      "incrementing.column.name": "id",
      "topic.prefix": PREFIX,
      "poll.interval.ms": String(POLL_INTERVAL_MS + (revision % 2)),
    }),
  };
}

function fileConnector(file: NumberedFile): ProvenConnector {
  return {
    name: file.topic,
    tasks: 1,
    streams: [file],
    config: (revision) => ({
      "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
      "tasks.max": "1",
      file: file.path,
      topic: file.topic,
      "batch.size": String(BATCH_LINES + (revision % 2)),
      "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    }),
  };
}
