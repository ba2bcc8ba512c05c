import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ElasticsearchServer, startElasticsearch } from "../../../deploy/dev/stack.ts";
import { connectionProblems } from "./connection-problems.ts";
import { record, TestTask } from "./testing/sink-fixture.ts";

const USER = "connect";
const PASSWORD = "tide-and-anchor";
const STORE_PASSWORD = "store-password";

let dir: string;
let server: ElasticsearchServer;
let url: string;
let ca: string;
const inDir = (name: string) => join(dir, name);

function keytool(...args: readonly string[]): void {
  execFileSync("keytool", [...args, "-storepass", STORE_PASSWORD, "-noprompt"], { stdio: "ignore" });
}

/** As the file realm keeps it. */
function hashed(password: string): string {
  const salt = randomBytes(32);
  const hash = pbkdf2Sync(password, salt, 10_000, 32, "sha512");
  return `{PBKDF2}10000$${salt.toString("base64")}$${hash.toString("base64")}`;
}

/** One request of the test's own, whatever the certificate. */
function ask(port: number, path: string) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = { authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}` };
    const to = { host: "127.0.0.1", port, path, headers, rejectUnauthorized: false };
    const asked = httpsRequest(to, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += String(chunk);
      resolve({ status: answer.statusCode ?? 0, text });
    });
    asked.on("error", reject);
    asked.end();
  });
}

before(async () => {
  dir = mkdtempSync(join(tmpdir(), "millrace-elasticsearch-"));
  chmodSync(dir, 0o711);
  const store = ["-keystore", inDir("http.p12"), "-storetype", "PKCS12", "-alias", "http"];
  keytool("-genkeypair", "-keyalg", "RSA", "-dname", "CN=millrace", "-ext", "SAN=IP:127.0.0.1", ...store);
  keytool("-exportcert", "-rfc", "-file", inDir("ca.pem"), ...store);
  keytool(
    "-importcert",
    "-file",
    inDir("ca.pem"),
    "-keystore",
    inDir("trust.jks"),
    "-storetype",
    "JKS",
    "-alias",
    "ca",
  );
  ca = inDir("ca.pem");
  server = await startElasticsearch({
    dir: inDir("server"),
    settings: {
      "xpack.security.enabled": "true",
      "xpack.security.authc.password_hashing.algorithm": "pbkdf2",
      "xpack.security.http.ssl.enabled": "true",
      "xpack.security.http.ssl.keystore.path": "http.p12",
      "xpack.security.http.ssl.keystore.password": STORE_PASSWORD,
    },
    files: {
      "http.p12": readFileSync(inDir("http.p12")),
      users: `${USER}:${hashed(PASSWORD)}\n`,
      users_roles: `superuser:${USER}\n`,
    },
    answers: async (port) => (await ask(port, "/_cluster/health").catch(() => null))?.status === 200,
  });
  url = server.url.replace("http:", "https:");
});
after(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const port = () => Number(new URL(url).port);
const tls = (settings: Record<string, string>) => ({
  "elastic.security.protocol": "SSL",
  ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`elastic.https.ssl.${name}`, value])),
});
const user = { "connection.username": USER, "connection.password": PASSWORD };

async function writes(index: string, config: Record<string, string>): Promise<void> {
  const task = await TestTask.start({ "connection.url": url, "schema.ignore": "true", ...config });
  await task.write([record(index, 0, { key: "a", value: { n: 1 } })]);
  const { text } = await ask(port(), `/${index}/_doc/a`);
  assert.deepEqual((JSON.parse(text) as { _source: unknown })._source, { n: 1 });
}

test("writes over TLS as a user, by authorities in PEM files, PEM text and JKS", async () => {
  await writes("pem-file", { ...tls({ "truststore.location": ca }), ...user });
  await writes("pem-text", { ...tls({ "truststore.certificates": readFileSync(ca, "utf8") }), ...user });
  const jks = { "truststore.location": inDir("trust.jks"), "truststore.password": STORE_PASSWORD };
  await writes("jks", { ...tls(jks), ...user });
});

test("validation tells a wrong password and an unknown authority apart, and names neither secret", async () => {
  const secure = tls({ "truststore.location": ca });
  const problems = (config: Record<string, string>) => connectionProblems({ "connection.url": url, ...config });
  assert.deepEqual(await problems({ ...secure, ...user }), []);
  const wrong = await problems({ ...secure, ...user, "connection.password": "another-password" });
  assert.deepEqual(
    wrong.map(({ name }) => name),
    ["connection.url", "connection.username", "connection.password", "elastic.security.protocol"],
  );
  assert.match(wrong[0]!.message, /answered 401: security_exception/);
  assert.doesNotMatch(JSON.stringify(wrong), /another-password/);
  const [untrusted] = await problems(user);
  assert.match(untrusted!.message, /self-signed certificate|unable to verify/);
});

test("a task without the right to write fails, for a person to look at", async () => {
  const task = await TestTask.start({
    "connection.url": url,
    "schema.ignore": "true",
    ...tls({ "truststore.location": ca }),
  });
  await assert.rejects(task.put([record("forbidden", 0, { key: "a", value: { n: 1 } })]), /answered 401/);
  await task.stop();
});
