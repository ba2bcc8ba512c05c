import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePostgresUrl } from "./jdbc-url.ts";

test("parsePostgresUrl takes host, port, database and parameters", () => {
  const address = parsePostgresUrl(
    "jdbc:postgresql://db.example:6543/sh%20op?user=ann&password=p%26w&sslmode=require&connectTimeout=3&currentSchema=a",
  );
  assert.deepEqual(address, {
    host: "db.example",
    port: 6543,
    hosts: [{ host: "db.example", port: 6543 }],
    database: "sh op",
    user: "ann",
    password: "p&w",
    sslMode: "require",
    sslRootCert: null,
    connectTimeoutMs: 3000,
    applicationName: null,
    searchPath: "a",
  });
});

test("parsePostgresUrl fills in what a URL leaves out", () => {
  const short = (url: string) => {
    const { host, port, database, sslMode } = parsePostgresUrl(url);
    return [host, port, database, sslMode];
  };
  assert.deepEqual(short("jdbc:postgresql:shop"), ["localhost", 5432, "shop", "prefer"]);
  assert.deepEqual(short("jdbc:postgresql://h"), ["h", 5432, null, "prefer"]);
  assert.deepEqual(short("jdbc:postgresql://[::1]:7/d?ssl=true"), ["::1", 7, "d", "verify-full"]);
  assert.deepEqual(short("jdbc:postgresql://a:1,b/d"), ["a", 1, "d", "prefer"]);
  assert.deepEqual(parsePostgresUrl("jdbc:postgresql://a:1,b/d").hosts, [
    { host: "a", port: 1 },
    { host: "b", port: 5432 },
  ]);
});

test("parsePostgresUrl refuses other databases and bad URLs without showing the URL", () => {
  assert.throws(
    () => parsePostgresUrl("jdbc:mysql://h/d?password=secret"),
    /^ConfigError: No database dialect for jdbc:mysql:;/,
  );
  for (const url of [
    "jdbc:postgresql://h:x/d?password=secret",
    "jdbc:postgresql://h/d?password=secret&sslmode=maybe",
  ]) {
    assert.throws(
      () => parsePostgresUrl(url),
      (error: Error) => !error.message.includes("secret"),
    );
  }
});
