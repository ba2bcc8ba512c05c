import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { elasticsearchConfigDef } from "./config-def.ts";
import { configProblems } from "./config-problems.ts";
import { nodeAddress } from "./node-address.ts";
import { sinkSettings } from "./settings.ts";

const URL_ONLY = { "connection.url": "http://es:9200" };
const problems = (config: Record<string, string>) =>
  configProblems({ ...URL_ONLY, ...config }).map(({ name, message }) => `${name}: ${message}`);
const named = (config: Record<string, string>) => configProblems({ ...URL_ONLY, ...config }).map(({ name }) => name);

describe("the sink's configuration", () => {
  it("has the defaults of Confluent's connector", () => {
    const { batch, retry, document, onMalformed, dropInvalid, flushTimeoutMs, http } = sinkSettings(URL_ONLY);
    assert.deepEqual(batch, {
      recordsMax: 2000,
      bytesMax: 5 * 1024 * 1024,
      inFlightMax: 5,
      bufferedMax: 20_000,
      lingerMs: 1,
    });
    assert.deepEqual(retry, { retriesMax: 5, backoffMs: 100 });
    assert.equal(document.onNull, "fail");
    assert.equal(document.upsert, false);
    assert.equal(document.compactMaps, true);
    assert.deepEqual([onMalformed, dropInvalid, flushTimeoutMs], ["fail", false, 180_000]);
    assert.deepEqual([http.connectTimeoutMs, http.readTimeoutMs, http.idleTimeoutMs], [1000, 3000, 60_000]);
  });

  it("goes on behind records in the dead letter queue, unless told otherwise", () => {
    const tolerant = { ...URL_ONLY, "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dlq" };
    const { onMalformed, dropInvalid } = sinkSettings(tolerant);
    assert.deepEqual([onMalformed, dropInvalid], ["warn", true]);
    const strict = sinkSettings({
      ...tolerant,
      "behavior.on.malformed.documents": "FAIL",
      "drop.invalid.message": "false",
    });
    assert.deepEqual([strict.onMalformed, strict.dropInvalid], ["fail", false]);
    const withoutQueue = sinkSettings({ ...URL_ONLY, "errors.tolerance": "all" });
    assert.deepEqual([withoutQueue.onMalformed, withoutQueue.dropInvalid], ["fail", false]);
  });

  it("makes the header of a user, an API key, and of credentials in the address", () => {
    const of = (config: Record<string, string>) => sinkSettings({ ...URL_ONLY, ...config }).http.authorization;
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    assert.equal(of({}), null);
    assert.equal(of({ "connection.username": "u", "connection.password": "p" }), `Basic ${base64("u:p")}`);
    assert.equal(of({ "connection.api.key": "encoded==" }), "ApiKey encoded==");
    assert.equal(of({ "connection.api.key": "id:key" }), `ApiKey ${base64("id:key")}`);
    assert.equal(of({ "connection.url": "https://u:p%40@es:9200" }), `Basic ${base64("u:p@")}`);
  });

  it("reads addresses with and without a scheme and a path", () => {
    assert.deepEqual(nodeAddress("es1:9200"), {
      origin: "http://es1:9200",
      path: "",
      secure: false,
      credentials: null,
    });
    assert.deepEqual(nodeAddress("https://es/search/"), {
      origin: "https://es",
      path: "/search",
      secure: true,
      credentials: null,
    });
    for (const wrong of ["", "ftp://es", "http://", "http://es:port"]) assert.equal(nodeAddress(wrong), null, wrong);
  });

  it("tells what is wrong with one setting", () => {
    const errors = (config: Record<string, string>) =>
      elasticsearchConfigDef
        .validate(config)
        .flatMap(({ name, errors: found }) => found.map((text) => `${name}: ${text}`));
    assert.match(errors({}).join(), /connection\.url: Missing required configuration/);
    assert.match(errors({ "connection.url": "ftp://x" }).join(), /not a valid http or https url/);
    assert.match(errors({ ...URL_ONLY, "batch.size": "0" }).join(), /batch\.size: .*at least 1/);
    assert.match(errors({ ...URL_ONLY, "write.method": "replace" }).join(), /write\.method/);
    assert.match(errors({ ...URL_ONLY, "data.stream.dataset": "A-b" }).join(), /data\.stream\.dataset/);
    assert.deepEqual(errors({ ...URL_ONLY, "behavior.on.null.values": "DELETE", "type.name": "_doc" }), []);
  });

  it("tells which settings do not go together", () => {
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems({ "connection.username": "u" }), [
      "connection.username: Both 'connection.username' and 'connection.password' must be set.",
      "connection.password: Both 'connection.username' and 'connection.password' must be set.",
    ]);
    assert.match(problems({ "max.buffered.records": "100" }).join(), /'max.buffered.records' \(100\) must be larger/);
    assert.match(
      problems({ "linger.ms": "10", "flush.timeout.ms": "5" }).join(),
      /'linger.ms' \(10\) can not be larger/,
    );
    assert.match(
      problems({ "key.ignore": "true", "topic.key.ignore": "a" }).join(),
      /'topic.key.ignore' can not be set if 'key.ignore' is true/,
    );
    assert.match(problems({ "proxy.username": "u" }).join(), /'proxy.host' must be set to use 'proxy.username'/);
    assert.deepEqual(named({ "proxy.host": "p", "proxy.username": "u" }), ["proxy.username", "proxy.password"]);
    assert.deepEqual(named({ "elastic.https.ssl.truststore.location": "/x" }), ["elastic.security.protocol"]);
    assert.deepEqual(named({ "elastic.security.protocol": "SSL" }), ["elastic.security.protocol"]);
    assert.deepEqual(named({ "kerberos.user.principal": "p" }), ["kerberos.user.principal"]);
    assert.deepEqual(named({ "data.stream.type": "logs" }), ["data.stream.dataset", "data.stream.type"]);
    const stream = { "data.stream.type": "logs", "data.stream.dataset": "d" };
    assert.deepEqual(named({ ...stream, "write.method": "upsert" }), ["write.method"]);
    assert.deepEqual(named({ ...stream, "behavior.on.null.values": "delete" }), ["behavior.on.null.values"]);
    assert.deepEqual(named({ "data.stream.timestamp.field": "at" }), ["data.stream.timestamp.field"]);
  });

  it("wants every topic mapped to an external resource, and no other", () => {
    const usage = { "external.resource.usage": "index" };
    const mapping = "topic.to.external.resource.mapping";
    assert.deepEqual(named(usage), ["external.resource.usage", mapping]);
    assert.deepEqual(problems({ ...usage, [mapping]: "a:x,b:y", topics: "a,b" }), []);
    assert.match(problems({ ...usage, [mapping]: "a:x", topics: "a,b" }).join(), /Topic 'b' is not mapped/);
    assert.match(problems({ ...usage, [mapping]: "a:x,b:y", topics: "a" }).join(), /Topic 'b' is mapped but not/);
    assert.match(problems({ ...usage, [mapping]: "a" }).join(), /expected topic:resource/);
  });
});
