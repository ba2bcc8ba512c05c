// Pure: the name of a document.
import {
  BoxedNumber,
  DataError,
  Int8,
  Int16,
  Int32,
  isMap,
  type Schema,
  type SchemaType,
  Struct,
} from "@millrace/connect";

const ID_BYTES_MAX = 512;
const ID_TYPES: ReadonlySet<SchemaType> = new Set<SchemaType>(["INT8", "INT16", "INT32", "INT64", "STRING"]);

/** @throws DataError for a key that cannot be a name. */
export function documentId(keySchema: Schema | null, key: unknown): string {
  if (key === null || key === undefined) throw new DataError("Key is used as document id and can not be null.");
  if (key === "") throw new DataError("Key is used as document id and can not be empty.");
  const type = keySchema?.type ?? typeOf(key);
  if (!ID_TYPES.has(type)) throw new DataError(`${type} is not supported as the document id.`);
  const id = String(key instanceof BoxedNumber ? key.value : key);
  // Elasticsearch would refuse the whole request that it is in.
  if (id.length * 3 > ID_BYTES_MAX && Buffer.byteLength(id) > ID_BYTES_MAX) {
    throw new DataError(`Key is used as document id and can not be longer than ${ID_BYTES_MAX} bytes.`);
  }
  return id;
}

/** Of a value without a schema. */
function typeOf(value: unknown): SchemaType {
  if (typeof value === "string") return "STRING";
  if (typeof value === "boolean") return "BOOLEAN";
  if (typeof value === "bigint") return "INT64";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "INT64" : "FLOAT64";
  if (value instanceof BoxedNumber) return boxedType(value);
  if (value instanceof Struct) return "STRUCT";
  if (value instanceof Uint8Array) return "BYTES";
  if (Array.isArray(value)) return "ARRAY";
  if (isMap(value)) return "MAP";
  throw new DataError(`Java class ${(value as object).constructor.name} does not have corresponding schema type.`);
}

function boxedType(box: BoxedNumber): SchemaType {
  if (box instanceof Int8) return "INT8";
  if (box instanceof Int16) return "INT16";
  return box instanceof Int32 ? "INT32" : "FLOAT64";
}
