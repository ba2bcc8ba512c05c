import type { ConverterPlugin, HeaderConverterPlugin } from "@millrace/connect";
import { ConnectDate, Decimal, Schema, SchemaBuilder, Struct, Timestamp } from "@millrace/connect";
import { type ConverterOptions, testConverter, testHeaderConverter } from "@millrace/connect/testing";
import plugins from "./plugin.ts";

const ORDER = SchemaBuilder.struct()
  .name("order")
  .field("id", Schema.INT64)
  .field("price", Decimal.schema(2))
  .field("weight", Schema.FLOAT64)
  .field("day", ConnectDate.SCHEMA)
  .field("at", Timestamp.SCHEMA)
  .field("raw", Schema.OPTIONAL_BYTES)
  .field("tags", SchemaBuilder.array(Schema.STRING).build())
  .field("extra", SchemaBuilder.map(Schema.STRING, Schema.INT32).build())
  .build();
const order = new Struct(ORDER)
  .put("id", 9007199254740993n)
  .put("price", new Decimal(-1999n, 2))
  .put("weight", 1e300)
  .put("day", new Date(86_400_000))
  .put("at", new Date(-1))
  .put("raw", Uint8Array.of(0, 255))
  .put("tags", ["ä", ""])
  .put("extra", new Map([["n", -7]]));

const number = (schema: Schema, ...values: number[]) => values.map((value) => ({ schema, value }));
const json = { samples: [{ schema: ORDER, value: order }, ...number(Schema.INT32, 0, -1)] };
const text = { samples: ["text", "grüße 日本", ""].map((value) => ({ schema: Schema.STRING, value })) };

const options: Readonly<Record<string, ConverterOptions>> = {
  JsonConverter: json,
  StringConverter: text,
  SimpleHeaderConverter: text,
  ByteArrayConverter: { samples: [{ schema: Schema.BYTES, value: Uint8Array.of(1, 2, 0) }], sharesBytes: true },
  BooleanConverter: { samples: [true, false].map((value) => ({ schema: Schema.BOOLEAN, value })) },
  ShortConverter: { samples: number(Schema.INT16, 0, -32768, 32767) },
  IntegerConverter: { samples: number(Schema.INT32, 0, -1, 2147483647) },
  LongConverter: { samples: [{ schema: Schema.INT64, value: -9223372036854775808n }, ...number(Schema.INT64, 0, -1)] },
  FloatConverter: { samples: number(Schema.FLOAT32, 0, -1.5, Number.POSITIVE_INFINITY) },
  DoubleConverter: { samples: number(Schema.FLOAT64, 0.1, -0, Number.NaN) },
};

for (const plugin of plugins) {
  const own = options[plugin.class.slice(plugin.class.lastIndexOf(".") + 1)]!;
  if (plugin.type === "converter") testConverter(plugin as ConverterPlugin, own);
  else testHeaderConverter(plugin as HeaderConverterPlugin, own);
}
