// Pure: JDBC URLs of all databases, as Java users write them.
import { ConfigError } from "@millrace/connect";
import { type PostgresAddress, parsePostgresUrl } from "../jdbc-url.ts";

export type Product = "postgres" | "mysql" | "sqlite" | "sqlserver" | "oracle";

export interface JdbcUrl {
  readonly product: Product;
  /** Of several hosts the first. Empty for SQLite. */
  readonly host: string;
  readonly port: number;
  /** The database; a file for SQLite; service or SID for Oracle. Null: the server's own choice. */
  readonly database: string | null;
  readonly user: string | null;
  readonly password: string | null;
  /** Of the URL and of the connection, those of the URL first. Names in lower case. */
  readonly properties: ReadonlyMap<string, string>;
  /** With what only Postgres has. */
  readonly postgres?: PostgresAddress;
  /** What Oracle's driver is told instead of host and database. */
  readonly connectString?: string;
}

type Parse = (rest: string, given: ReadonlyMap<string, string>, url: string) => JdbcUrl;

const PARSERS: readonly (readonly [prefix: string, parse: Parse])[] = [
  ["jdbc:postgresql:", (_rest, given, url) => postgresUrl(url, given)],
  ["jdbc:mysql:", (rest, given) => mysqlUrl(rest, given)],
  ["jdbc:mariadb:", (rest, given) => mysqlUrl(rest, given)],
  ["jdbc:sqlite:", (rest, given) => sqliteUrl(rest, given)],
  ["jdbc:sqlserver:", (rest, given) => sqlserverUrl(rest, given)],
  ["jdbc:oracle:thin:", (rest, given) => oracleUrl(rest, given)],
];

/** @throws ConfigError without the URL in its message: it may hold a password (I9). */
export function parseJdbcUrl(url: string, properties: Readonly<Record<string, string>> = {}): JdbcUrl {
  const found = PARSERS.find(([prefix]) => url.toLowerCase().startsWith(prefix));
  if (found === undefined) {
    const scheme = /^jdbc:[a-z0-9]+:/i.exec(url)?.[0] ?? "this kind of URL";
    throw new ConfigError(
      `No database dialect for ${scheme}; supported: ${PARSERS.map(([prefix]) => prefix).join(", ")}`,
      { code: "DIALECT_UNKNOWN" },
    );
  }
  const [prefix, parse] = found;
  const given = new Map(Object.entries(properties).map(([name, value]) => [name.toLowerCase(), value]));
  return parse(url.slice(prefix.length), given, url);
}

function postgresUrl(url: string, given: ReadonlyMap<string, string>): JdbcUrl {
  const postgres = parsePostgresUrl(url, given);
  const { host, port, database, user, password } = postgres;
  return { product: "postgres", host, port, database, user, password, properties: given, postgres };
}

/** `//host:port,host2:port/database?name=value&…`, also `//user:password@host` and `replication://…`, as the drivers take them. */
function mysqlUrl(rest: string, given: ReadonlyMap<string, string>): JdbcUrl {
  const match = /^(?:[a-z]+:)?\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/i.exec(rest);
  if (match === null) throw new ConfigError("The JDBC URL is not of the form jdbc:mysql://host:port/database.");
  const properties = merged(given, (match[3] ?? "").split("&"));
  const [login, hosts] = splitLast(match[1] ?? "", "@");
  const [user, password] = login === "" ? [null, null] : pair(login, ":");
  const { host, port } = hostAndPort(addressForm(hosts).split(",")[0] ?? "", 3306);
  return {
    product: "mysql",
    host,
    port,
    database: match[2] ? decode(match[2]) : null,
    user: user === null ? (properties.get("user") ?? null) : decode(user),
    password: password ? decode(password) : (properties.get("password") ?? null),
    properties,
  };
}

/** MariaDB's `address=(host=h)(port=p)` as `h:p`. */
function addressForm(text: string): string {
  const inside = (name: string) => new RegExp(`\\(${name}=([^)]*)\\)`, "i").exec(text)?.[1];
  const host = inside("host");
  return host === undefined ? text : `${host}:${inside("port") ?? "3306"}`;
}

/** A path, `:memory:`, `file:…`, or nothing for a database in memory; then `?name=value&…`. */
function sqliteUrl(rest: string, given: ReadonlyMap<string, string>): JdbcUrl {
  const at = rest.indexOf("?");
  const file = (at === -1 ? rest : rest.slice(0, at)).replace(/^file:/, "");
  const properties = merged(given, at === -1 ? [] : rest.slice(at + 1).split("&"));
  const database = file === "" ? ":memory:" : file;
  return { product: "sqlite", host: "", port: 0, database, user: null, password: null, properties };
}

/** `//host\instance:port;name=value;…`; a value with `;` in braces. */
function sqlserverUrl(rest: string, given: ReadonlyMap<string, string>): JdbcUrl {
  const match = /^\/\/([^;]*)(?:;(.*))?$/s.exec(rest);
  if (match === null) {
    throw new ConfigError("The JDBC URL is not of the form jdbc:sqlserver://host:port;databaseName=name.");
  }
  const parts = [...(match[2] ?? "").matchAll(/([^=;]+)=(\{(?:[^}]|\}\})*\}|[^;]*)/g)];
  const properties = new Map(given);
  for (const [, name = "", value = ""] of parts) {
    const text = value.startsWith("{") ? value.slice(1, -1).replaceAll("}}", "}") : value;
    properties.set(name.trim().toLowerCase(), text);
  }
  const [server = "", instance] = (match[1] ?? "").replace(/:\d+$/, "").split("\\");
  const { port } = hostAndPort(match[1]?.replace(/\\[^:]*/, "") ?? "", Number(properties.get("portnumber") ?? 1433));
  if (instance !== undefined) properties.set("instancename", instance);
  return {
    product: "sqlserver",
    host: server || properties.get("servername") || "localhost",
    port,
    database: properties.get("databasename") ?? properties.get("database") ?? null,
    user: properties.get("user") ?? properties.get("username") ?? null,
    password: properties.get("password") ?? null,
    properties,
  };
}

/** `user/password@` before `host:port:sid`, `//host:port/service`, `host:port/service` or `(DESCRIPTION=…)`. */
function oracleUrl(rest: string, given: ReadonlyMap<string, string>): JdbcUrl {
  const [login, where] = splitFirst(rest, "@");
  const [user, password] = login === "" ? [null, null] : pair(login, "/");
  const named = { user: user ?? given.get("user") ?? null, password: password ?? given.get("password") ?? null };
  const base = { product: "oracle" as const, ...named, properties: given };
  if (where.startsWith("(")) return { ...base, host: "", port: 0, database: null, connectString: where };
  const plain = where.replace(/^(?:tcps?:)?\/\//i, "").split("?")[0] ?? "";
  const match = /^(\[[^\]]+\]|[^:/]+)(?::(\d+))?(?:([:/])([^/]+))?/.exec(plain);
  if (match === null) {
    throw new ConfigError("The JDBC URL is not of the form jdbc:oracle:thin:@//host:port/service.");
  }
  const [, host = "", portText, separator, database = null] = match;
  const port = Number(portText ?? 1521);
  const sid = `(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=${host})(PORT=${port}))(CONNECT_DATA=(SID=${database})))`;
  const connectString = separator === ":" ? sid : `${host}:${port}${database === null ? "" : `/${database}`}`;
  return { ...base, host, port, database, connectString };
}

function merged(given: ReadonlyMap<string, string>, parameters: readonly string[]): Map<string, string> {
  const all = new Map(given);
  for (const [name, value] of parameters.filter(Boolean).map((text) => pair(text, "="))) {
    all.set(decode(name).toLowerCase(), decode(value ?? ""));
  }
  return all;
}

function hostAndPort(text: string, portDefault: number): { host: string; port: number } {
  const match = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(text);
  if (match === null) throw new ConfigError("The JDBC URL's host is not of the form host or host:port.");
  return { host: (match[1] || "localhost").replace(/^\[|\]$/g, ""), port: Number(match[2] ?? portDefault) };
}

function pair(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Empty first part where there is no separator. */
function splitFirst(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? ["", text] : [text.slice(0, at), text.slice(at + 1)];
}

function splitLast(text: string, separator: string): [string, string] {
  const at = text.lastIndexOf(separator);
  return at === -1 ? ["", text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError("The JDBC URL is not properly percent-encoded.");
  }
}
