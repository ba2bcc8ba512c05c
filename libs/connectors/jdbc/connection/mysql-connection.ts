import { readFile } from "node:fs/promises";
import { compactInt64 } from "@millrace/connect";
import mysql2 from "mysql2";
import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type FieldPacket,
  type ResultSetHeader,
} from "mysql2/promise";
import type { ConnectionTarget, JdbcConnection, QueryResult, ResultColumn, SqlValue } from "./connection.ts";
import { connectionLost, databaseError } from "./database-error.ts";
import type { JdbcUrl } from "./jdbc-url.ts";

const PRODUCT = "MySQL";

/** MySQL and MariaDB. Values are put into statements as text, as neither has a limit of them then. */
export async function openMysql(target: ConnectionTarget): Promise<JdbcConnection> {
  const { address } = target;
  let mysql: Connection;
  try {
    mysql = await createConnection({
      ...(await connectionOptions(target)),
      ...(await tls(address)),
    });
  } catch (error) {
    throw databaseError(PRODUCT, error);
  }
  let isOpen = true;
  // Without a listener a connection that is cut while idle would end the process.
  mysql.on("error", () => {
    isOpen = false;
  });

  async function run<T>(text: string, values: readonly SqlValue[]): Promise<[T, FieldPacket[]]> {
    if (!isOpen) throw connectionLost(PRODUCT);
    try {
      return (await mysql.query({ sql: text, values: values.map(parameter) })) as unknown as [T, FieldPacket[]];
    } catch (error) {
      if ((error as { fatal?: boolean }).fatal === true) isOpen = false;
      throw databaseError(PRODUCT, error);
    }
  }

  const connection: JdbcConnection = {
    product: "mysql",
    packed: null,
    placeholder: () => "?",
    async query(text, values = []): Promise<QueryResult> {
      const [rows, fields] = await run<unknown[][]>(text, values);
      return { columns: (fields ?? []).map(resultColumn), rows };
    },
    async execute(text, values = []) {
      const [header] = await run<ResultSetHeader>(text, values);
      return header.affectedRows ?? 0;
    },
    async executeMany(text, rows) {
      for (const row of rows) await run(text, row);
    },
    async transaction(work) {
      await run("START TRANSACTION", []);
      try {
        const result = await work();
        await run("COMMIT", []);
        return result;
      } catch (error) {
        await run("ROLLBACK", []).catch(() => connection.close());
        throw error;
      }
    },
    async close() {
      isOpen = false;
      mysql.destroy();
    },
  };
  try {
    // As Connector/J does: what does not fit a column is an error, not cut off. Escapes in texts are ours.
    const modes = "REPLACE(CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES'), 'NO_BACKSLASH_ESCAPES', '')";
    const variables = address.properties.get("sessionvariables");
    await run(`SET SESSION sql_mode = ${modes}, time_zone = '+00:00'${variables ? `, ${variables}` : ""}`, []);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

const NOT_NULL = 1;
const UNSIGNED = 32;
const AUTO_INCREMENT = 512;
const BINARY_CHARSET = 63;

function resultColumn(field: FieldPacket): ResultColumn {
  const {
    name,
    type,
    columnLength,
    length,
    decimals = 0,
    characterSet,
    flags,
  } = field as FieldPacket & {
    readonly length?: number;
    readonly characterSet?: number;
  };
  const bits = Number(flags ?? 0);
  return {
    name,
    type: (mysql2.Types as unknown as Record<number, string>)[type!] ?? String(type),
    precision: columnLength ?? length ?? 0,
    scale: decimals,
    nullable: (bits & NOT_NULL) === 0,
    unsigned: (bits & UNSIGNED) !== 0,
    binary: characterSet === BINARY_CHARSET,
    autoIncrement: (bits & AUTO_INCREMENT) !== 0,
  };
}

async function connectionOptions({ address, user, password }: ConnectionTarget): Promise<ConnectionOptions> {
  const timeout = address.properties.get("connecttimeout");
  return {
    host: address.host,
    port: address.port,
    user: user ?? "root",
    password: password ?? "",
    ...(address.database === null ? {} : { database: address.database }),
    charset: "utf8mb4",
    connectTimeout: Number(timeout ?? 10_000) || 10_000,
    dateStrings: true,
    rowsAsArray: true,
    supportBigNumbers: true,
    stringifyObjects: true,
    typeCast: (field, next) => {
      if (field.type === "LONGLONG") {
        const text = field.string();
        return text === null ? null : compactInt64(BigInt(text));
      }
      // A text of its own: mysql2 would parse it.
      if (field.type === "JSON") return field.string("utf8");
      return next();
    },
  };
}

/** By the names of MySQL's driver (`sslMode=VERIFY_CA`, `useSSL`) and of MariaDB's (`sslMode=verify-ca`, `trust`). */
async function tls({ properties }: JdbcUrl): Promise<Pick<ConnectionOptions, "ssl">> {
  const mode = (properties.get("sslmode") ?? "").toUpperCase().replace("-", "_");
  const legacy = properties.get("usessl") === "true" || properties.get("requiressl") === "true";
  const wanted = mode === "" ? legacy : !["DISABLED", "DISABLE", "PREFERRED"].includes(mode);
  if (!wanted) return {};
  const caFile = properties.get("serversslcert") ?? properties.get("sslca");
  return {
    ssl: {
      rejectUnauthorized: mode.startsWith("VERIFY"),
      verifyIdentity: ["VERIFY_IDENTITY", "VERIFY_FULL"].includes(mode),
      ...(caFile === undefined ? {} : { ca: await readFile(caFile) }),
    },
  };
}

function parameter(value: SqlValue): SqlValue | Buffer {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (!(value instanceof Uint8Array)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
