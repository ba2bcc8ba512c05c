// Pure: the vectors of pgvector.
import { type Schema, SchemaBuilder, Struct } from "@millrace/connect";
import type { ValueCodec } from "./value-codec.ts";

type VectorName = "vector" | "halfvec" | "sparsevec";

export function vectorCodec(name: VectorName): ValueCodec {
  if (name === "sparsevec") return sparseCodec();
  const [shown, element] =
    name === "vector"
      ? (["DoubleVector", SchemaBuilder.float64()] as const)
      : (["FloatVector", SchemaBuilder.float32()] as const);
  const elementSchema = element.build();
  return {
    builder: () => SchemaBuilder.array(elementSchema).name(`io.debezium.data.${shown}`).version(1),
    // `[1,2.5]`
    reader: () => (row, from, to) =>
      row.latin1
        .substring(from + 1, to - 1)
        .split(",")
        .map(Number),
    fallback: () => [],
    functionDefault: null,
  };
}

function sparseCodec(): ValueCodec {
  const made = (schema: Schema, dimensions: number, entries: [number, number][]) =>
    Struct.of(schema, [dimensions, new Map(entries)]);
  return {
    builder: () =>
      SchemaBuilder.struct()
        .name("io.debezium.data.SparseDoubleVector")
        .version(1)
        .doc("Sparse double vector")
        .field("dimensions", SchemaBuilder.int16().build())
        .field("vector", SchemaBuilder.map(SchemaBuilder.int16().build(), SchemaBuilder.float64().build()).build()),
    // `{1:1.5,4:2}/5`
    reader: (schema) => (row, from, to) => {
      const [entries = "", dimensions = "0"] = row.latin1.substring(from, to).split("/");
      const pairs = entries.slice(1, -1).split(",").filter(Boolean);
      return made(
        schema,
        Number(dimensions),
        pairs.map((pair) => pair.split(":").map(Number) as [number, number]),
      );
    },
    fallback: (schema) => made(schema, 0, []),
    functionDefault: null,
  };
}
