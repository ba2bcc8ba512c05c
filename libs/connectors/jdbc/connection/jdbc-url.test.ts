import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJdbcUrl } from "./jdbc-url.ts";

const parts = (url: string, properties = {}) => {
  const { product, host, port, database, user, password } = parseJdbcUrl(url, properties);
  return [product, host, port, database, user, password];
};

test("parseJdbcUrl takes URLs of MySQL and MariaDB", () => {
  assert.deepEqual(parts("jdbc:mysql://db:3307/shop?user=ann&password=a%26b"), [
    "mysql",
    "db",
    3307,
    "shop",
    "ann",
    "a&b",
  ]);
  assert.deepEqual(parts("jdbc:mariadb://db/"), ["mysql", "db", 3306, null, null, null]);
  assert.deepEqual(parts("jdbc:mysql://a:1,b:2/d"), ["mysql", "a", 1, "d", null, null]);
  assert.deepEqual(parts("jdbc:mysql://ann:pw@db:1/d"), ["mysql", "db", 1, "d", "ann", "pw"]);
  assert.deepEqual(parts("jdbc:mariadb:replication://a:1,b:2/d"), ["mysql", "a", 1, "d", null, null]);
  assert.deepEqual(parts("jdbc:mariadb://address=(host=h)(port=7)(type=primary)/d"), [
    "mysql",
    "h",
    7,
    "d",
    null,
    null,
  ]);
});

test("parseJdbcUrl takes URLs of SQLite", () => {
  assert.deepEqual(parts("jdbc:sqlite:/var/a b.db"), ["sqlite", "", 0, "/var/a b.db", null, null]);
  assert.deepEqual(parts("jdbc:sqlite:file:x.db?busy_timeout=7"), ["sqlite", "", 0, "x.db", null, null]);
  assert.deepEqual(parts("jdbc:sqlite:"), ["sqlite", "", 0, ":memory:", null, null]);
  assert.equal(parseJdbcUrl("jdbc:sqlite:x?Busy_Timeout=7").properties.get("busy_timeout"), "7");
});

test("parseJdbcUrl takes URLs of SQL Server", () => {
  const url = "jdbc:sqlserver://db:1434;databaseName=shop;user=sa;password={a;b}}c};encrypt=false";
  assert.deepEqual(parts(url), ["sqlserver", "db", 1434, "shop", "sa", "a;b}c"]);
  assert.deepEqual(parts("jdbc:sqlserver://db"), ["sqlserver", "db", 1433, null, null, null]);
  assert.equal(parseJdbcUrl("jdbc:sqlserver://db\\prod;database=d").properties.get("instancename"), "prod");
  assert.deepEqual(parts("jdbc:sqlserver://;serverName=h;portNumber=9"), ["sqlserver", "h", 9, null, null, null]);
});

test("parseJdbcUrl takes URLs of Oracle", () => {
  const connectString = (url: string) => parseJdbcUrl(url).connectString;
  assert.equal(connectString("jdbc:oracle:thin:@//db:1522/shop"), "db:1522/shop");
  assert.equal(connectString("jdbc:oracle:thin:@db/shop"), "db:1521/shop");
  assert.match(connectString("jdbc:oracle:thin:@db:1521:ORCL")!, /HOST=db\)\(PORT=1521\).*SID=ORCL/);
  assert.equal(connectString("jdbc:oracle:thin:@(DESCRIPTION=x)"), "(DESCRIPTION=x)");
  assert.deepEqual(parts("jdbc:oracle:thin:ann/pw@//db:1/s"), ["oracle", "db", 1, "s", "ann", "pw"]);
});

test("parseJdbcUrl lets the URL win over connection properties", () => {
  assert.deepEqual(parts("jdbc:mysql://db/d?user=url", { user: "given", password: "p" }).slice(4), ["url", "p"]);
  const { postgres } = parseJdbcUrl("jdbc:postgresql://db/d?sslmode=require", {
    sslMode: "disable",
    connectTimeout: "3",
  });
  assert.deepEqual([postgres?.sslMode, postgres?.connectTimeoutMs], ["require", 3000]);
});

test("parseJdbcUrl refuses what it does not know without showing the URL", () => {
  for (const url of ["jdbc:db2://h/d?password=secret", "secret", "jdbc:mysql:secret", "jdbc:sqlserver:secret"]) {
    assert.throws(
      () => parseJdbcUrl(url),
      (error: Error) => !error.message.includes("secret"),
    );
  }
});
