import { compactInt64 } from "@millrace/connect";
import postgres from "postgres";
import { openSocket } from "../postgres/open-socket.ts";
import type { ConnectionTarget, JdbcConnection, QueryResult, SqlValue } from "./connection.ts";
import { connectionLost, databaseError } from "./database-error.ts";
import { PostgresSender } from "./postgres-sender.ts";

const PRODUCT = "Postgres";
const asText = (text: string) => text;

export async function openPostgres(target: ConnectionTarget): Promise<JdbcConnection> {
  const address = target.address.postgres!;
  const user = target.user ?? "postgres";
  let isOpen = true;
  let sender: PostgresSender | null = null;
  let end = () => {};
  const lost = new Promise<never>((_resolve, reject) => {
    end = () => {
      isOpen = false;
      reject(connectionLost(PRODUCT));
      sender?.end(connectionLost(PRODUCT));
    };
  });
  lost.catch(() => {});
  const options = {
    host: address.host,
    port: address.port,
    user,
    password: target.password ?? "",
    database: address.database ?? user,
    max: 1,
    ssl: false as const,
    fetch_types: false,
    // By default it would end the connection after half an hour or more, whatever is sent at that moment.
    max_lifetime: null,
    connect_timeout: Math.ceil(address.connectTimeoutMs / 1000),
    onnotice: () => {},
    onclose: () => end(),
    // postgres.js would go on with what is left of a transaction on a new connection: there is never a second one.
    socket: async () => {
      if (sender !== null) throw connectionLost(PRODUCT);
      const socket = await openSocket(address);
      sender = new PostgresSender(socket);
      return socket;
    },
    types: {
      text: { to: 25, from: [1082, 1083, 1114, 1184, 1266, 114, 3802], serialize: asText, parse: asText },
      int8: { to: 20, from: [20], serialize: String, parse: (text: string) => compactInt64(BigInt(text)) },
    },
    connection: {
      application_name: address.applicationName ?? target.applicationName,
      TimeZone: "UTC",
      DateStyle: "ISO",
      ...(address.searchPath === null ? {} : { search_path: address.searchPath }),
    },
  };
  const sql = postgres(options);

  async function run(text: string, values: readonly SqlValue[]) {
    await sender?.idle();
    if (!isOpen) throw connectionLost(PRODUCT);
    const parameters = values.map((value) => (value instanceof Uint8Array ? bytesText(value) : value));
    const query = sql.unsafe(text, parameters as postgres.ParameterOrJSON<never>[], { prepare: values.length > 0 });
    // Rejections of what nobody waits for any more are told by `lost`.
    query.catch(() => {});
    try {
      return await Promise.race([query.values(), lost]);
    } catch (error) {
      throw databaseError(PRODUCT, error);
    }
  }

  const connection: JdbcConnection = {
    product: "postgres",
    placeholder: (n) => `$${n}`,
    async query(text, values = []): Promise<QueryResult> {
      const rows = await run(text, values);
      const columns = (rows.columns ?? []).map(({ name, type }) => ({ name, type: String(type) }));
      return { columns, rows: [...rows] };
    },
    execute: async (text, values = []) => (await run(text, values)).count ?? 0,
    async executeMany(text, rows) {
      for (const row of rows) await run(text, row);
    },
    get packed() {
      return sender;
    },
    async transaction(work) {
      await run("BEGIN", []);
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
      end();
      await sql.end({ timeout: 0 }).catch(() => {});
    },
  };
  try {
    await run("SELECT 1", []);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

function bytesText(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}
