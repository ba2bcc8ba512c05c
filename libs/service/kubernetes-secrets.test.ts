import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openConfigProviders } from "./config-providers.ts";

const dir = mkdtempSync(join(tmpdir(), "millrace-kubernetes-"));
after(() => rmSync(dir, { recursive: true }));
writeFileSync(join(dir, "token"), "first-token\n");
writeFileSync(join(dir, "namespace"), "pods-own");

const base64 = (text: string) => Buffer.from(text).toString("base64");
const secrets: Record<string, unknown> = {
  "pods-own/db": { data: { password: base64("from the cluster"), "tls.crt": base64("zwölf\n") } },
  "other/db": { data: { password: base64("from another namespace") } },
  "pods-own/empty": {},
};

/** Plays the API: what was asked of it, in order. */
const asked: string[] = [];
const api: RequestListener = (request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
  const [, namespace, name] = /^\/api\/v1\/namespaces\/([^/]+)\/secrets\/([^/]+)$/.exec(request.url ?? "") ?? [];
  const secret = secrets[`${namespace}/${name}`];
  const status = name === "forbidden" ? 403 : name === "broken" ? 500 : secret === undefined ? 404 : 200;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(name === "garbled" ? "{not json from the cluster" : JSON.stringify(secret ?? { kind: "Status" }));
};
secrets["pods-own/garbled"] = {};

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const url = `http://127.0.0.1:${await listen(createServer(api))}`;
const ref = (text: string) => `\${secrets:${text}}`;

function open(properties: Record<string, string> = {}, env: Record<string, string> = {}) {
  const prefix = "config.providers.secrets.param";
  const params = { [`${prefix}.kubernetes.url`]: url, [`${prefix}.kubernetes.account.dir`]: dir };
  return openConfigProviders({ properties: { ...params, ...properties }, secretsDir: null, env });
}

async function resolve(text: string, providers = open()): Promise<string | undefined> {
  return (await providers.resolve({ key: ref(text) })).key;
}

test("secrets reads Kubernetes' secrets, of the pod's own namespace and of others", async () => {
  assert.equal(await resolve("db:password"), "from the cluster");
  assert.equal(await resolve("db:tls.crt"), "zwölf\n");
  assert.equal(await resolve("other/db:password"), "from another namespace");
  assert.equal(asked.at(-1), "GET /api/v1/namespaces/other/secrets/db Bearer first-token");
});

test("secrets leaves what Kubernetes does not have as it is", async () => {
  for (const text of ["db:missing", "nowhere:password", "empty:password", "password"]) {
    assert.equal(await resolve(text), ref(text));
  }
});

test("secrets takes a variable before it asks Kubernetes, and asks once for all keys of a secret", async () => {
  const before = asked.length;
  const variable = open({}, { MILLRACE_SECRET_DB_PASSWORD: "from a variable" });
  assert.equal(await resolve("db:password", variable), "from a variable");
  assert.equal(asked.length, before);
  const config = { one: ref("db:password"), two: `${ref("db:tls.crt")}${ref("db:password")}` };
  const providers = open();
  const [first, second] = await Promise.all([providers.resolve(config), providers.resolve(config)]);
  assert.deepEqual(first, { one: "from the cluster", two: "zwölf\nfrom the cluster" });
  assert.deepEqual(second, first);
  assert.equal(asked.length, before + 1);
});

test("secrets reads the account's token anew: Kubernetes replaces it", async () => {
  const providers = open();
  writeFileSync(join(dir, "token"), "second-token");
  await resolve("db:password", providers);
  assert.match(asked.at(-1) ?? "", /Bearer second-token$/);
});

test("secrets sees that a secret of Kubernetes has changed", async () => {
  secrets["pods-own/rotated"] = { data: { password: base64("old") } };
  const { reload } = await open().reveal({ key: ref("rotated:password") });
  assert.deepEqual([reload.intervalMs, await reload.changed()], [60_000, []]);
  secrets["pods-own/rotated"] = { data: { password: base64("new") } };
  assert.deepEqual(await reload.changed(), [ref("rotated:password")]);
});

const refused: [text: string, message: RegExp][] = [
  ["forbidden:password", /answered 403; allow this pod's service account to get secrets in pods-own$/],
  ["broken:password", /^Could not read the secret pods-own\/broken from Kubernetes at http:.*: it answered 500$/],
  ["garbled:password", /its answer is no JSON$/],
  ["Not A Name:password", /'Not A Name' names no secret of Kubernetes: write 'name' or 'namespace\/name'/],
  ["a/b/c:password", /'a\/b\/c' names no secret/],
  ["..:password", /'\.\.' names no secret/],
];

for (const [text, message] of refused) {
  test(`secrets says why ${text} cannot be read from Kubernetes`, async () => {
    await assert.rejects(resolve(text), { message });
  });
}

test("secrets says that the API is out of reach", async () => {
  const providers = open({ "config.providers.secrets.param.kubernetes.url": "http://127.0.0.1:1" });
  await assert.rejects(resolve("db:password", providers), /Could not read the secret pods-own\/db .*ECONNREFUSED/);
});

test("secrets asks nobody outside of a cluster, or in a pod without an account", async () => {
  const bare = (env: Record<string, string>) => openConfigProviders({ properties: {}, secretsDir: null, env });
  assert.equal(await resolve("db:password", bare({})), ref("db:password"));
  assert.equal(await resolve("db:password", bare({ KUBERNETES_SERVICE_HOST: "127.0.0.1" })), ref("db:password"));
});

test("secrets trusts the cluster's authority, and no other", async (context) => {
  const files = ["-keyout", join(dir, "key.pem"), "-out", join(dir, "ca.crt")];
  const options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kubernetes"];
  const made = spawnSync("openssl", ["req", ...options, "-addext", "subjectAltName=IP:127.0.0.1", ...files]);
  if (made.status !== 0) return context.skip("there is no openssl to make a certificate with");
  const tls = { key: readFileSync(join(dir, "key.pem")), cert: readFileSync(join(dir, "ca.crt")) };
  const port = await listen(createTlsServer(tls, api));
  const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(port) };
  const properties = { "config.providers.secrets.param.kubernetes.account.dir": dir };
  const providers = () => openConfigProviders({ properties, secretsDir: null, env });
  assert.equal(await resolve("db:password", providers()), "from the cluster");
  rmSync(join(dir, "ca.crt"));
  await assert.rejects(resolve("db:password", providers()), /self.signed certificate/);
});
