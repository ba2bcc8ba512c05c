import {
  ConnectError,
  type ConnectorContext,
  isRetriable,
  type SourceConnector,
  type SourceTask,
  type TaskConfig,
} from "@millrace/connect";
import { connectDatabase } from "./connect.ts";
import type { Database } from "./dialect.ts";
import { JdbcSourceTask, TABLES_KEY } from "./jdbc-source-task.ts";
import { type JdbcSourceSettings, jdbcSourceSettings } from "./settings.ts";
import { duplicateNames, groupTables, quotedName, selectTables, type TableId } from "./table-id.ts";

/** Finds the tables, shares them out among the tasks, and looks for new and removed ones from time to time. */
export class JdbcSourceConnector implements SourceConnector {
  #context!: ConnectorContext;
  #config: TaskConfig = {};
  #settings!: JdbcSourceSettings;
  #database: Database | null = null;
  #tables: readonly TableId[] = [];
  readonly #stopped = new AbortController();
  #monitoring: Promise<void> | null = null;

  async start(context: ConnectorContext, config: TaskConfig): Promise<void> {
    this.#context = context;
    this.#config = config;
    this.#settings = jdbcSourceSettings(config);
    this.#database = await connectDatabase(this.#settings, context, this.#stopped.signal);
    if (this.#settings.query !== "") return;
    this.#tables = await this.#findTables(this.#database);
    if (this.#tables.length === 0) context.logger.warn("No table matches; looking again from time to time.");
    this.#monitoring = this.#monitor(this.#database);
  }

  taskConfigs(tasksMax: number): TaskConfig[] {
    if (this.#settings.query !== "") return [{ ...this.#config, [TABLES_KEY]: "" }];
    if (this.#tables.length === 0) return [];
    const groups = groupTables(this.#tables, Math.min(tasksMax, this.#tables.length));
    return groups.map((group) => ({ ...this.#config, [TABLES_KEY]: group.map(quotedName).join(",") }));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#monitoring;
    await this.#database?.close();
  }

  task(): SourceTask {
    return new JdbcSourceTask();
  }

  async #findTables(database: Database): Promise<TableId[]> {
    const tables = selectTables(await database.tables(this.#settings.tableTypes), this.#settings.tableFilter);
    const duplicates = duplicateNames(tables);
    if (duplicates.length === 0) return tables;
    throw new ConnectError(
      "The connector uses the unqualified table name as the topic name and has detected duplicate unqualified table names: " +
        `${duplicates.join(", ")}. Choose one schema with schema.pattern, or tables with table.whitelist.`,
      { code: "TABLE_NAMES_DUPLICATE" },
    );
  }

  async #monitor(database: Database): Promise<void> {
    const { signal } = this.#stopped;
    for (;;) {
      try {
        await this.#context.sleep(this.#settings.tablePollIntervalMs, signal);
        const tables = await this.#findTables(database);
        if (signal.aborted) return;
        const changed = tables.map(quotedName).join() !== this.#tables.map(quotedName).join();
        this.#tables = tables;
        if (changed) this.#context.requestTaskReconfiguration();
      } catch (error) {
        if (signal.aborted) return;
        if (!isRetriable(error)) return this.#context.raiseError(error);
        this.#context.logger.warn("Cannot list the tables; trying again.", { error });
      }
    }
  }
}
