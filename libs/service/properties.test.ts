import assert from "node:assert/strict";
import { test } from "node:test";
import { envProperties } from "./env-properties.ts";
import { parseProperties } from "./properties.ts";

test("parseProperties splits at the first =, : or space, and trims around it", () => {
  const text = "a=1\nb:2\nc 3\n  d  =  4\ne\t:\t5\nf = = 6\ng==7\nh : :8\ni   9  \n";
  assert.deepEqual(parseProperties(text), {
    a: "1",
    b: "2",
    c: "3",
    d: "4",
    e: "5",
    f: "= 6",
    g: "=7",
    h: ":8",
    i: "9  ",
  });
});

test("parseProperties takes keys without a value, and the later of two", () => {
  assert.deepEqual(parseProperties("empty\nblank=\na=1\na=2"), { empty: "", blank: "", a: "2" });
});

test("parseProperties skips comments and blank lines, of every line ending", () => {
  assert.deepEqual(parseProperties("# one\r\n  ! two\r\n\r\na=1 # not a comment\rb=2\n\n   \nc=3"), {
    a: "1 # not a comment",
    b: "2",
    c: "3",
  });
});

test("parseProperties joins continued lines without their indent", () => {
  assert.deepEqual(parseProperties("list=a,\\\n     b,\\\n  # not a comment\nnext=1\nend=x\\"), {
    list: "a,b,# not a comment",
    next: "1",
    end: "x",
  });
  assert.deepEqual(parseProperties("path=C:\\\\\nnext=1"), { path: "C:\\", next: "1" });
  assert.deepEqual(parseProperties("a=1\\\n\nb=2"), { a: "1", b: "2" });
});

test("parseProperties undoes escapes in keys and values", () => {
  assert.deepEqual(parseProperties("a\\ b\\=c\\:d = tab\\there \\u00e9\\u20AC \\q \\\\ nl\\n"), {
    "a b=c:d": "tab\there é€ q \\ nl\n",
  });
  assert.throws(() => parseProperties("ok=1\nbad=\\u12g4"), /line 2: malformed \\uxxxx encoding/);
});

test("parseProperties keeps __proto__ an ordinary key", () => {
  assert.deepEqual(Object.keys(parseProperties("__proto__=1\nconstructor=2")), ["__proto__", "constructor"]);
});

test("envProperties names properties as cp-kafka-connect does", () => {
  const env = {
    CONNECT_BOOTSTRAP_SERVERS: "k:9092",
    CONNECT_PRODUCER_SASL_JAAS_CONFIG: "x",
    CONNECT_A__B: "dash",
    CONNECT_A___B_C: "underscore",
    CONNECT_LOG4J_ROOT_LOGLEVEL: "INFO",
    CONNECT_CUB_KAFKA_TIMEOUT: "60",
    CONNECT_: "nothing",
    PATH: "/bin",
    CONNECT_UNSET: undefined,
  };
  assert.deepEqual(envProperties(env), {
    "bootstrap.servers": "k:9092",
    "producer.sasl.jaas.config": "x",
    "a-b": "dash",
    "a_b.c": "underscore",
  });
});
