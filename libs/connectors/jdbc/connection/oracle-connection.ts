import { compactInt64 } from "@millrace/connect";
import oracledb from "oracledb";
import type { ConnectionTarget, JdbcConnection, QueryResult, SqlValue } from "./connection.ts";
import { connectionLost, databaseError } from "./database-error.ts";

const PRODUCT = "Oracle";

/** In thin mode: no Oracle client is needed. */
export async function openOracle({ address, user, password }: ConnectionTarget): Promise<JdbcConnection> {
  let oracle: oracledb.Connection;
  try {
    oracle = await oracledb.getConnection({
      connectString: address.connectString!,
      ...(user === null ? {} : { user }),
      ...(password === null ? {} : { password }),
    });
  } catch (error) {
    throw databaseError(PRODUCT, error);
  }
  let isOpen = true;

  async function attempt<T>(action: () => Promise<T>): Promise<T> {
    if (!isOpen) throw connectionLost(PRODUCT);
    try {
      return await action();
    } catch (error) {
      throw databaseError(PRODUCT, error);
    }
  }
  const run = (text: string, values: readonly SqlValue[]) =>
    attempt(() =>
      oracle.execute<unknown[]>(text, values.map(parameter), {
        outFormat: oracledb.OUT_FORMAT_ARRAY,
        autoCommit: !inTransaction,
        fetchTypeHandler,
      }),
    );
  let inTransaction = false;

  const connection: JdbcConnection = {
    product: "oracle",
    packed: null,
    placeholder: (n) => `:${n}`,
    async query(text, values = []): Promise<QueryResult> {
      const { metaData, rows } = await run(text, values);
      const columns = (metaData ?? []).map(({ name, dbTypeName, precision, scale, nullable }) => ({
        name,
        type: dbTypeName ?? "",
        ...(precision === undefined ? {} : { precision }),
        ...(scale === undefined ? {} : { scale }),
        ...(nullable === undefined ? {} : { nullable }),
      }));
      return { columns, rows: rows ?? [] };
    },
    execute: async (text, values = []) => (await run(text, values)).rowsAffected ?? 0,
    async executeMany(text, rows) {
      if (rows.length === 0) return;
      await attempt(() =>
        oracle.executeMany(
          text,
          rows.map((row) => row.map(parameter)),
          { autoCommit: !inTransaction, bindDefs: bindDefinitions(rows) },
        ),
      );
    },
    async transaction(work) {
      // The first statement begins it.
      inTransaction = true;
      try {
        const result = await work();
        await attempt(() => oracle.commit());
        return result;
      } catch (error) {
        await attempt(() => oracle.rollback()).catch(() => connection.close());
        throw error;
      } finally {
        inTransaction = false;
      }
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await oracle.close({ drop: true } as oracledb.CloseConnectionOptions).catch(() => {});
    },
  };
  try {
    const formats = {
      NLS_DATE_FORMAT: "YYYY-MM-DD HH24:MI:SS",
      NLS_TIMESTAMP_FORMAT: "YYYY-MM-DD HH24:MI:SS.FF9",
      NLS_TIMESTAMP_TZ_FORMAT: "YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM",
      NLS_NUMERIC_CHARACTERS: ".,",
    };
    const settings = Object.entries(formats).map(([name, value]) => `${name} = '${value}'`);
    await run(`ALTER SESSION SET ${settings.join(" ")} TIME_ZONE = '+00:00'`, []);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

/** Numbers, dates and times as text, in the session's formats; large objects whole. */
function fetchTypeHandler({ dbType, scale }: oracledb.Metadata<unknown>): oracledb.FetchTypeResponse | undefined {
  if (dbType === oracledb.DB_TYPE_NUMBER) {
    const converter = (text: unknown) =>
      scale === 0 && typeof text === "string" && /^-?\d{1,18}$/.test(text) ? compactInt64(BigInt(text)) : text;
    return { type: oracledb.STRING, converter };
  }
  const types: readonly unknown[] = [
    oracledb.DB_TYPE_DATE,
    oracledb.DB_TYPE_TIMESTAMP,
    oracledb.DB_TYPE_TIMESTAMP_TZ,
    oracledb.DB_TYPE_TIMESTAMP_LTZ,
    oracledb.DB_TYPE_CLOB,
    oracledb.DB_TYPE_NCLOB,
  ];
  if (types.includes(dbType)) return { type: oracledb.STRING };
  return dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.BUFFER } : undefined;
}

/** Of the widest value of each column: the driver would go by the first row. */
function bindDefinitions(rows: readonly (readonly SqlValue[])[]): oracledb.BindDefinition[] {
  return rows[0]!.map((_, column) => {
    const values = rows.map((row) => row[column] ?? null);
    const sample = values.find((value) => value !== null);
    if (sample instanceof Uint8Array) {
      const sizes = values.map((value) => (value as Uint8Array | null)?.byteLength ?? 0);
      return { type: oracledb.BUFFER, maxSize: Math.max(1, ...sizes) };
    }
    if (typeof sample === "number" || typeof sample === "boolean") return { type: oracledb.NUMBER };
    const sizes = values.map((value) => (value === null ? 0 : Buffer.byteLength(String(value))));
    return { type: oracledb.STRING, maxSize: Math.max(1, ...sizes) };
  });
}

function parameter(value: SqlValue): string | number | Buffer | null {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Uint8Array)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
