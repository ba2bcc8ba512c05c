import assert from "node:assert/strict";
import { test } from "node:test";
import { IncrementalProgress } from "./progress.ts";
import { expandCollections, parseTableId } from "./table-id.ts";

test("goes on from its own offset, at the last row that was handed over", () => {
  const progress = new IncrementalProgress();
  assert.equal(progress.toOffset(), null);
  const first = { id: "public.t", condition: "id > 0", surrogateKey: null };
  progress.add([first, { id: "public.u", condition: null, surrogateKey: "s" }], "ad-hoc-1");
  progress.types = ["int4", "text"];
  progress.begin(["9", "z"]);
  progress.chunkEnd = ["5", "e"];
  progress.sent(["3", "c"]);
  const stored = progress.toOffset();
  assert.equal(
    stored!.incremental_snapshot_collections,
    '[{"incremental_snapshot_collections_id":"public.t","incremental_snapshot_collections_additional_condition":"(id > 0)",' +
      '"incremental_snapshot_collections_surrogate_key":null},{"incremental_snapshot_collections_id":"public.u",' +
      '"incremental_snapshot_collections_additional_condition":null,"incremental_snapshot_collections_surrogate_key":"s"}]',
  );
  const again = IncrementalProgress.of(stored);
  assert.deepEqual(again.current, first);
  assert.deepEqual(again.chunkEnd, ["3", "c"]);
  assert.deepEqual(again.maximum, ["9", "z"]);
  assert.equal(again.correlationId, "ad-hoc-1");
  again.types = ["int4", "text"];
  assert.deepEqual(again.toOffset(), stored);
});

test("begins a table anew when its key cannot be read", () => {
  const collections = '[{"incremental_snapshot_collections_id":"public.t"}]';
  const progress = IncrementalProgress.of({
    incremental_snapshot_collections: collections,
    incremental_snapshot_primary_key: "aced0005",
    incremental_snapshot_maximum_key: "nonsense",
  });
  assert.deepEqual(progress.ids, ["public.t"]);
  assert.equal(progress.chunkEnd, null);
  assert.equal(progress.maximum, null);
});

test("takes tables out, but not the one under way", () => {
  const progress = new IncrementalProgress();
  const collection = (id: string) => ({ id, condition: null, surrogateKey: null });
  progress.add([collection("a.a"), collection("a.b"), collection("a.c")], "1");
  assert.equal(progress.remove("a.a"), false);
  assert.equal(progress.remove("a.b"), true);
  assert.deepEqual(progress.ids, ["a.a", "a.c"]);
  progress.next();
  progress.next();
  assert.equal(progress.running, false);
});

test("names and expressions of tables", () => {
  assert.deepEqual(parseTableId("public.orders"), { schema: "public", name: "orders" });
  assert.deepEqual(parseTableId('"my.schema"."a ""b"""'), { schema: "my.schema", name: 'a "b"' });
  assert.equal(parseTableId("orders"), null);
  assert.deepEqual(expandCollections(["s\\.(a|b)", "s.b", "s.x"], ["s.a", "s.b", "s.c"]), ["s.a", "s.b", "s.x"]);
});
