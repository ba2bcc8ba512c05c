// Pure: JDBC URLs of Postgres, as Java users write them.
import { ConfigError } from "@millrace/connect";

export type SslMode = "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export interface PostgresAddress extends HostAndPort {
  /** Tried in this order; the first is `host` and `port`. */
  readonly hosts: readonly [HostAndPort, ...HostAndPort[]];
  /** Null: the same as the user. */
  readonly database: string | null;
  readonly user: string | null;
  readonly password: string | null;
  readonly sslMode: SslMode;
  /** Path of a PEM file, for verify-ca and verify-full. */
  readonly sslRootCert: string | null;
  readonly connectTimeoutMs: number;
  readonly applicationName: string | null;
  /** The `currentSchema` parameter. */
  readonly searchPath: string | null;
}

const PREFIX = "jdbc:postgresql:";
const SSL_MODES: readonly string[] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/**
 * Takes `jdbc:postgresql://host:port/database?…`, `jdbc:postgresql:database` and `jdbc:postgresql:/`. Several
 * hosts are tried in order. Parameters without a meaning here are ignored. `given`: driver properties from elsewhere, by name in lower
 * case; those in the URL take precedence.
 * @throws ConfigError without the URL in its message: it may hold a password (I9).
 */
export function parsePostgresUrl(url: string, given: ReadonlyMap<string, string> = new Map()): PostgresAddress {
  if (!url.startsWith(PREFIX)) {
    const scheme = /^jdbc:[a-z0-9]+:/i.exec(url)?.[0] ?? "this kind of URL";
    throw new ConfigError(`No database dialect for ${scheme}; supported yet: ${PREFIX}//host:port/database`, {
      code: "DIALECT_UNKNOWN",
    });
  }
  const [location = "", query = ""] = splitOnce(url.slice(PREFIX.length), "?");
  const parameters = new Map([...given, ...query.split("&").filter(Boolean).map(parameter)]);
  const { hosts, database } = splitLocation(location);
  const [first = "", ...others] = hosts.split(",");
  const all: [HostAndPort, ...HostAndPort[]] = [splitHost(first), ...others.map(splitHost)];
  return {
    ...all[0],
    hosts: all,
    database: database === "" ? null : decode(database),
    user: parameters.get("user") ?? null,
    password: parameters.get("password") ?? null,
    sslMode: sslMode(parameters),
    sslRootCert: parameters.get("sslrootcert") ?? null,
    connectTimeoutMs: Number(parameters.get("connecttimeout") ?? 10) * 1000 || 10_000,
    applicationName: parameters.get("applicationname") ?? null,
    searchPath: parameters.get("currentschema") ?? null,
  };
}

function splitLocation(location: string): { hosts: string; database: string } {
  if (!location.startsWith("//")) return { hosts: "", database: location.replace(/^\//, "") };
  const [hosts = "", database = ""] = splitOnce(location.slice(2), "/");
  return { hosts, database };
}

function splitHost(text: string): HostAndPort {
  const match = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(text);
  if (match === null) throw new ConfigError("The JDBC URL's host is not of the form host or host:port.");
  return { host: (match[1] || "localhost").replace(/^\[|\]$/g, ""), port: Number(match[2] ?? 5432) };
}

function sslMode(parameters: ReadonlyMap<string, string>): SslMode {
  const mode = parameters.get("sslmode");
  if (mode !== undefined) {
    if (SSL_MODES.includes(mode)) return mode as SslMode;
    throw new ConfigError(`The JDBC URL's sslmode is none of ${SSL_MODES.join(", ")}.`);
  }
  const ssl = parameters.get("ssl");
  return ssl === "" || ssl === "true" ? "verify-full" : "prefer";
}

function parameter(text: string): [string, string] {
  const [name = "", value = ""] = splitOnce(text, "=");
  return [decode(name).toLowerCase(), decode(value)];
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError("The JDBC URL is not properly percent-encoded.");
  }
}
