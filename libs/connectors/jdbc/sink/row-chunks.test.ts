import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { rowChunks } from "./row-chunks.ts";

test("rowChunks keeps all rows in order, within both limits where a row allows it", () => {
  const rows = fc.array(fc.tuple(fc.string({ maxLength: 30 })), { maxLength: 50 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 60 }), (all, rowsMax, bytesMax) => {
      const chunks = rowChunks(all, rowsMax, bytesMax);
      assert.deepEqual(chunks.flat(), all);
      for (const chunk of chunks) {
        const bytes = chunk.reduce((sum, [text]) => sum + text!.toString().length, 0);
        assert.ok(chunk.length > 0 && chunk.length <= rowsMax && (bytes <= bytesMax || chunk.length === 1));
      }
    }),
  );
});
