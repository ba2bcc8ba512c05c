import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { PostgresCdc } from "@millrace/connector-postgres-cdc";
import { startPostgres } from "../../deploy/dev/start-postgres.ts";
import { openSource } from "../../deploy/prove/numbered-rows.ts";
import { until } from "../../deploy/prove/until.ts";

const dir = mkdtempSync(join(tmpdir(), "millrace-cdc-tls-"));
chmodSync(dir, 0o711);
const server = await startPostgres({ dir: join(dir, "postgres") });
const sql = openSource(server.url);
after(async () => {
  await sql.end({ timeout: 1 });
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: dir, stdio: "pipe" });

function authority(name: string): void {
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", `/CN=${name}`, ...files(name));
}

function certificate(name: string, subject: string, by: string): void {
  const request = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${subject}`, "-keyout", `${name}.key`];
  openssl(...request, "-out", `${name}.csr`);
  writeFileSync(join(dir, `${name}.ext`), `subjectAltName=DNS:${subject}\n`);
  const signed = ["x509", "-req", "-days", "1", "-in", `${name}.csr`, "-CA", `${by}.crt`, "-CAkey", `${by}.key`];
  openssl(...signed, "-CAcreateserial", "-extfile", `${name}.ext`, "-out", `${name}.crt`);
}

const files = (name: string) => ["-keyout", `${name}.key`, "-out", `${name}.crt`];

authority("ours");
authority("others");
certificate("server", "localhost", "ours");
certificate("client", "postgres", "ours");
openssl("pkcs8", "-topk8", "-nocrypt", "-in", "client.key", "-outform", "DER", "-out", "client.pk8");

/** Serves TLS with the certificate for localhost; `clients`: only to who shows a certificate of ours, and only by TLS. */
async function serveTls(clients: boolean): Promise<void> {
  const [row] = await sql.unsafe("show data_directory");
  const dataDir = String(row!.data_directory);
  const { uid, gid } = statSync(dataDir);
  const place = (name: string, text: string | Buffer) => {
    const file = join(dataDir, name);
    writeFileSync(file, text, { mode: 0o600 });
    chownSync(file, uid, gid);
  };
  for (const name of ["server.crt", "server.key", "ours.crt"]) place(name, readFileSync(join(dir, name)));
  // What the test itself asks goes without, by another user.
  const rule = clients ? "hostssl all postgres 127.0.0.1/32 cert" : "host all postgres 127.0.0.1/32 trust";
  place(
    "pg_hba.conf",
    `host all tester 127.0.0.1/32 trust\n${rule}\nhostnossl all postgres 127.0.0.1/32 ${clients ? "reject" : "trust"}\n`,
  );
}

/** What validation says of the connection; null when it was made. */
async function refusal(more: Readonly<Record<string, string>>): Promise<string | null> {
  const config = {
    "topic.prefix": "p",
    "database.hostname": "localhost",
    "database.port": new URL(server.url).port,
    "database.user": "postgres",
    "database.dbname": "postgres",
    ...more,
  };
  const problems = await PostgresCdc.validate!(config);
  return problems.length === 0 ? null : problems.map(({ message }) => message).join("; ");
}

const root = (name: string) => ({ "database.sslrootcert": join(dir, `${name}.crt`) });

test("sslmode asks for encryption, a certificate of ours, and the right name, each as it says", {
  timeout: 120_000,
}, async () => {
  assert.match((await refusal({ "database.sslmode": "require" }))!, /does not offer SSL/);
  assert.equal(await refusal({ "database.sslmode": "prefer" }), null);
  await serveTls(false);
  for (const setting of [
    "ssl = on",
    "ssl_cert_file = 'server.crt'",
    "ssl_key_file = 'server.key'",
    "ssl_ca_file = 'ours.crt'",
  ]) {
    await sql.unsafe(`alter system set ${setting}`);
  }
  await sql.unsafe("create role tester superuser login");
  await sql.unsafe("select pg_reload_conf()");
  await until("the server offers TLS", async () => (await refusal({ "database.sslmode": "require" })) === null);
  const ip = { "database.hostname": "127.0.0.1" };
  assert.equal(await refusal({ "database.sslmode": "require", ...root("others") }), null);
  assert.equal(await refusal({ "database.sslmode": "verify-ca", ...root("ours"), ...ip }), null);
  assert.match((await refusal({ "database.sslmode": "verify-ca", ...root("others") }))!, /certificate|verify/i);
  assert.match((await refusal({ "database.sslmode": "verify-ca" }))!, /certificate|verify/i);
  assert.equal(await refusal({ "database.sslmode": "verify-full", ...root("ours") }), null);
  assert.match((await refusal({ "database.sslmode": "verify-full", ...root("ours"), ...ip }))!, /IP|altnames/);
  assert.match((await refusal({ "database.sslmode": "verify-full", ...root("others") }))!, /certificate|verify/i);
});

test("a client shows its certificate, with a key in PEM or as the JDBC driver wants it", {
  timeout: 120_000,
}, async () => {
  await serveTls(true);
  await sql.unsafe("select pg_reload_conf()");
  const verified = { "database.sslmode": "verify-full", ...root("ours") };
  await until("the server asks for certificates", async () => (await refusal(verified)) !== null);
  const shown = { ...verified, "database.sslcert": join(dir, "client.crt") };
  for (const key of ["client.key", "client.pk8"]) {
    assert.equal(await refusal({ ...shown, "database.sslkey": join(dir, key) }), null);
  }
});
