import assert from "node:assert/strict";
import { test } from "node:test";
import { hashMapOrder } from "./hash-map-order.ts";

const orderOf = (keys: readonly string[]) =>
  Object.keys(hashMapOrder(Object.fromEntries(keys.map((key) => [key, ""]))));

// Recorded from Kafka Connect 4.3.1: submitted as on the left, read back as on the right.
test("hashMapOrder gives the order that Connect reads a config back in", () => {
  const submitted = ["connector.class", "topic", "file", "tasks.max", "key.converter", "value.converter"];
  assert.deepEqual(
    orderOf([...submitted, "name"]),
    "connector.class,file,tasks.max,name,topic,value.converter,key.converter".split(","),
  );
  assert.deepEqual(
    orderOf([...submitted, "batch.size", "errors.log.enable", "some.float", "big", "name"]),
    "connector.class,big,file,tasks.max,batch.size,name,topic,value.converter,errors.log.enable,some.float,key.converter".split(
      ",",
    ),
  );
});
