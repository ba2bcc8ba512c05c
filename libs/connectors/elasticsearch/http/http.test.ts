import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { sinkSettings } from "../config/settings.ts";
import { isJavaKeystore, javaKeystoreAuthorities } from "./java-keystore.ts";
import { NodeChoice } from "./node-choice.ts";
import { mayPass, refusal, retryDelayMs } from "./retry.ts";
import { tlsOptions } from "./tls-options.ts";

describe("NodeChoice", () => {
  it("takes turns, leaves out who failed for a while, and takes whom it must", () => {
    const nodes = new NodeChoice(3);
    assert.deepEqual([nodes.take(0), nodes.take(0), nodes.take(0), nodes.take(0)], [0, 1, 2, 0]);
    nodes.failed(1, 0);
    assert.deepEqual([nodes.take(1), nodes.take(1), nodes.take(1)], [2, 0, 2]);
    assert.deepEqual([nodes.take(30_000), nodes.take(30_000)], [0, 1], "tried again after 30 s");
    for (const [node, atMs] of [
      [0, 50],
      [1, 40],
      [2, 60],
    ] as const)
      nodes.failed(node, atMs);
    assert.equal(nodes.take(61), 1, "the one left alone longest");
    nodes.answered(2);
    assert.equal(nodes.take(62), 2);
  });
});

describe("retries", () => {
  it("wait at random up to the backoff doubled each time, at most a day", () => {
    const settings = { retriesMax: 5, backoffMs: 100 };
    assert.deepEqual(
      [0, 1, 5].map((attempt) => retryDelayMs(attempt, settings, 0.999)),
      [99, 199, 3196],
    );
    assert.equal(retryDelayMs(5, settings, 0), 0);
    assert.ok(retryDelayMs(60, settings, 0.999) <= 86_400_000);
  });

  it("are for what may pass", () => {
    assert.deepEqual([429, 500, 503, 400, 401, 404, 409].filter(mayPass), [429, 500, 503]);
    assert.ok(refusal({ status: 503, body: "" }).retriable);
    assert.equal(refusal({ status: 400, body: "<html>" }).message, "Elasticsearch answered 400");
  });
});

describe("tlsOptions", () => {
  const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const options = (ssl: Record<string, string>) => {
    const config: Record<string, string> = { "connection.url": "https://es", "elastic.security.protocol": "SSL" };
    for (const [name, value] of Object.entries(ssl)) config[`elastic.https.ssl.${name}`] = value;
    return tlsOptions(sinkSettings(config).http.tls!);
  };

  it("takes PEM from files and from settings", (t) => {
    const dir = mkdtempSync(join(tmpdir(), "millrace-tls-"));
    t.after(() => rmSync(dir, { recursive: true }));
    const file = join(dir, "ca.pem");
    writeFileSync(file, pem);
    assert.equal(String(options({ "truststore.location": file }).ca), pem);
    assert.equal(options({ "truststore.certificates": pem }).ca, pem.trim());
    const own = options({ "keystore.key": "K", "keystore.certificate.chain": "C", "key.password": "p" });
    assert.deepEqual([own.key, own.cert, own.passphrase], ["K", "C", "p"]);
    assert.deepEqual([own.minVersion, own.maxVersion], ["TLSv1.2", "TLSv1.3"]);
  });

  it("checks the host's name unless told not to", () => {
    assert.equal("checkServerIdentity" in options({ "keystore.key": "K" }), false);
    assert.equal("checkServerIdentity" in options({ "endpoint.identification.algorithm": "" }), true);
  });

  it("says what to do about files it cannot use", (t) => {
    const dir = mkdtempSync(join(tmpdir(), "millrace-tls-"));
    t.after(() => rmSync(dir, { recursive: true }));
    assert.throws(() => options({ "truststore.location": join(dir, "none") }), /cannot read .*none/);
    const file = join(dir, "store");
    writeFileSync(file, Buffer.from([0x30, 0x82, 1, 2]));
    assert.throws(() => options({ "truststore.location": file }), /neither PEM nor JKS.*keytool -exportcert/);
    writeFileSync(file, Buffer.concat([Buffer.from([0xfe, 0xed, 0xfe, 0xed]), Buffer.alloc(20)]));
    assert.throws(() => options({ "keystore.location": file }), /is JKS.*keytool -importkeystore/);
    assert.throws(() => options({ "enabled.protocols": "SSLv3" }), /none of SSLv3 is supported/);
  });
});

describe("javaKeystoreAuthorities", () => {
  it("reads the certificates of a truststore made by keytool", (t) => {
    const dir = mkdtempSync(join(tmpdir(), "millrace-jks-"));
    t.after(() => rmSync(dir, { recursive: true }));
    const file = join(dir, "store.jks");
    const common = ["-keystore", file, "-storepass", "secret", "-alias", "a", "-storetype", "JKS"];
    const made = ["-genkeypair", "-keyalg", "RSA", "-dname", "CN=millrace", "-keypass", "secret", ...common];
    execFileSync("keytool", made, { stdio: "ignore" });
    const expected = execFileSync("keytool", ["-exportcert", "-rfc", ...common], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const store = readFileSync(file);
    assert.ok(isJavaKeystore(store));
    const plain = (text: string) => text.replaceAll(/\s/g, "");
    assert.deepEqual(javaKeystoreAuthorities(store).map(plain), [plain(expected)]);
    assert.throws(() => javaKeystoreAuthorities(store.subarray(0, 200)), /cannot be read/);
  });
});
