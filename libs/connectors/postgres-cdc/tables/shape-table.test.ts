import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeOf } from "../testing/sample-table.ts";
import { adjustFieldName, adjustSchemaName, topicName } from "./adjust-name.ts";

test("names topic and schemas, and takes key, nullability and defaults from the catalog", () => {
  const shape = shapeOf([
    ["id", "int4", -1, true, "nextval('t_id_seq'::regclass)"],
    ["i", "int4", -1, true, "'-42'::integer"],
    ["t", "text", -1, false, "'it''s'::text"],
    ["e", "int4", -1, false, "(i * 2)"],
    ["p", "polygon", -1, false],
  ]);
  const { valueSchema } = shape;
  assert.equal(shape.topic, "p.public.t");
  assert.equal(shape.envelopeSchema.name, "p.public.t.Envelope");
  assert.equal(shape.keySchema?.name, "p.public.t.Key");
  assert.deepEqual(
    valueSchema.fields.map(({ name, schema }) => [name, schema.optional, schema.default]),
    [
      ["id", false, 0],
      ["i", false, -42],
      ["t", true, "it"],
      ["e", true, undefined],
    ],
  );
});

test("leaves columns out, masks, cuts and hashes", () => {
  const config = {
    "column.exclude.list": "public.t.gone",
    "column.mask.with.5.chars": "public.t.secret",
    "column.mask.hash.SHA-256.with.salt.CzQMA0cB5K": "public.t.ssn",
    "column.truncate.to.3.chars": "public.t.last",
  };
  const shape = shapeOf(
    [
      ["id", "int4", -1, true],
      ["gone", "text", -1, false],
      ["secret", "text", -1, false],
      ["ssn", "bpchar", 15, false],
      ["last", "varchar", 34, false],
    ],
    config,
  );
  const read = (name: string, text: string) => {
    const column = shape.columns.find((each) => each.name === name)!;
    const bytes = Buffer.from(text);
    return column.read({ bytes, latin1: text }, 0, bytes.length);
  };
  assert.deepEqual(
    shape.valueSchema.fields.map(({ name }) => name),
    ["id", "secret", "ssn", "last"],
  );
  assert.equal(read("secret", "s1"), "*****");
  assert.equal(shape.columns.find(({ name }) => name === "secret")!.missing, "*****");
  assert.equal(read("ssn", "123-45-6789"), "377189d9d7c");
  assert.equal(read("last", "Lovelace"), "Lov");
});

test("adjusts names for Avro and for topics", () => {
  assert.equal(adjustSchemaName("a-b_c.T.Key", "avro_unicode"), "a_u002db_u005fc.T.Key");
  assert.equal(adjustSchemaName("1st.2nd", "avro"), "_1st.2nd");
  assert.equal(adjustFieldName("1-a.b", "avro"), "_1_a_b");
  assert.equal(adjustFieldName("ä€ő", "avro_unicode"), "_u00e4_u20ac_u151");
  assert.equal(topicName(["p", "public", "Ünï $1"], "."), "p.public._n___1");
});
