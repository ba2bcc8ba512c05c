import { compactInt64 } from "@millrace/connect";
import { Connection, type ConnectionConfiguration, Request, TYPES } from "tedious";
import type { ConnectionTarget, JdbcConnection, QueryResult, SqlValue } from "./connection.ts";
import { connectionLost, databaseError, errorCode } from "./database-error.ts";

const PRODUCT = "SQL Server";

interface ColumnMetadata {
  readonly colName: string;
  readonly type: { readonly name: string };
}

export async function openSqlserver(target: ConnectionTarget): Promise<JdbcConnection> {
  const server = new Connection(configuration(target));
  let isOpen = true;
  server.on("end", () => {
    isOpen = false;
  });
  server.on("error", () => {
    isOpen = false;
  });
  await new Promise<void>((resolve, reject) => {
    server.connect((error) => (error ? reject(failure(error)) : resolve()));
  });

  function run(text: string, values: readonly SqlValue[]): Promise<QueryResult & { readonly count: number }> {
    if (!isOpen) return Promise.reject(connectionLost(PRODUCT));
    return new Promise((resolve, reject) => {
      const rows: unknown[][] = [];
      let columns: { name: string; type: string }[] = [];
      const request = new Request(text, (error, count) => {
        if (error) reject(failure(error));
        else resolve({ columns, rows, count: count ?? 0 });
      });
      request.on("columnMetadata", (metadata) => {
        columns = (metadata as ColumnMetadata[]).map(({ colName, type }) => ({ name: colName, type: type.name }));
      });
      request.on("row", (cells: { value: unknown; metadata: ColumnMetadata }[]) => rows.push(cells.map(cellValue)));
      values.forEach((value, i) => {
        request.addParameter(`p${i + 1}`, parameterType(value), typeof value === "bigint" ? String(value) : value);
      });
      if (values.length === 0) server.execSqlBatch(request);
      else server.execSql(request);
    });
  }

  const connection: JdbcConnection = {
    product: "sqlserver",
    packed: null,
    placeholder: (n) => `@p${n}`,
    query: (text, values = []) => run(text, values),
    execute: async (text, values = []) => (await run(text, values)).count,
    async executeMany(text, rows) {
      for (const row of rows) await run(text, row);
    },
    async transaction(work) {
      await run("BEGIN TRANSACTION", []);
      try {
        const result = await work();
        await run("COMMIT TRANSACTION", []);
        return result;
      } catch (error) {
        await run("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION", []).catch(() => connection.close());
        throw error;
      }
    },
    async close() {
      isOpen = false;
      server.close();
    },
  };
  return connection;
}

function configuration({ address, user, password, applicationName }: ConnectionTarget): ConnectionConfiguration {
  const { properties } = address;
  const instanceName = properties.get("instancename");
  const loginTimeoutMs = Number(properties.get("logintimeout") ?? 30) * 1000;
  return {
    server: address.host,
    authentication: { type: "default", options: { userName: user ?? "", password: password ?? "" } },
    options: {
      // An instance is asked for its port.
      ...(instanceName === undefined ? { port: address.port } : { instanceName }),
      ...(address.database === null ? {} : { database: address.database }),
      appName: properties.get("applicationname") ?? applicationName,
      encrypt: !["false", "no", "optional"].includes(properties.get("encrypt")?.toLowerCase() ?? "true"),
      trustServerCertificate: properties.get("trustservercertificate")?.toLowerCase() === "true",
      connectTimeout: loginTimeoutMs,
      requestTimeout: 0,
      useUTC: true,
      rowCollectionOnRequestCompletion: false,
    },
  };
}

function parameterType(value: SqlValue) {
  if (value instanceof Uint8Array) return TYPES.VarBinary;
  if (typeof value === "boolean") return TYPES.Bit;
  if (typeof value === "bigint") return TYPES.BigInt;
  if (typeof value === "number") return Number.isSafeInteger(value) ? TYPES.BigInt : TYPES.Float;
  return TYPES.NVarChar;
}

/** bigint comes as text, dates and times as Date objects. */
function cellValue({ value, metadata }: { value: unknown; metadata: ColumnMetadata }): unknown {
  if (value instanceof Date) return dateText(value, metadata.type.name);
  if (metadata.type.name === "BigInt" || (metadata.type.name === "IntN" && typeof value === "string")) {
    return value === null ? null : compactInt64(BigInt(value as string));
  }
  return value;
}

function dateText(value: Date, type: string): string {
  const text = value.toISOString().replace("T", " ").replace("Z", "");
  if (type === "Date") return text.slice(0, 10);
  return type === "Time" ? text.slice(11) : text;
}

/** The number of SQL Server's own error tells more than tedious's code for all of them. */
function failure(error: unknown) {
  const { number } = error as { number?: number };
  return databaseError(PRODUCT, error, number === undefined ? errorCode(error) : String(number));
}
