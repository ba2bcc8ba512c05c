import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SinkOffsets } from "./sink-offsets.ts";

const at = (offset: number, partition = 0) => ({ topic: "t", partition, offset });

test("SinkOffsets commits only what was delivered, is ours and is news", () => {
  const offsets = new SinkOffsets();
  offsets.committed(at(5));
  offsets.deliver(at(8));
  assert.deepEqual(offsets.delivered(), [at(8)]);
  const cases: [number, boolean][] = [
    [4, true],
    [5, false],
    [6, true],
    [8, true],
    [9, false],
  ];
  for (const [offset, may] of cases) {
    assert.deepEqual(offsets.committable([at(offset)]), may ? [at(offset)] : [], `offset ${offset}`);
  }
  assert.deepEqual(offsets.committable([at(1, 1)]), [], "not ours");
});

test("SinkOffsets goes back to what is committed, else to where reading began", () => {
  const offsets = new SinkOffsets();
  offsets.committed(at(5));
  offsets.begin(at(5));
  offsets.begin(at(2, 1));
  offsets.begin(at(3, 1));
  offsets.deliver(at(9));
  assert.deepEqual(offsets.backToCommitted(), [at(5), at(2, 1)]);
  assert.deepEqual(offsets.delivered(), [at(5)], "what was only begun was not delivered");
});

test("SinkOffsets lets a rewind be committed, although it lies before what the group holds", () => {
  const offsets = new SinkOffsets();
  offsets.deliver(at(9));
  offsets.committed(at(9));
  offsets.rewind(at(4));
  assert.deepEqual(offsets.committable(offsets.delivered()), [at(4)]);
  assert.deepEqual(offsets.backToCommitted(), []);
});

test("SinkOffsets forgets partitions that were given up", () => {
  const offsets = new SinkOffsets();
  offsets.deliver(at(9));
  offsets.deliver(at(7, 1));
  offsets.forget([{ topic: "t", partition: 0 }]);
  assert.deepEqual(offsets.delivered(), [at(7, 1)]);
  assert.deepEqual(offsets.delivered([{ topic: "t", partition: 0 }]), []);
  assert.deepEqual(offsets.committable([at(9)]), []);
});

test("I6: SinkOffsets never lets anything beyond the delivered offset through", () => {
  const act = fc.tuple(fc.constantFrom("begin", "deliver", "committed", "rewind", "forget"), fc.nat(20), fc.nat(1));
  fc.assert(
    fc.property(fc.array(act), fc.array(fc.tuple(fc.nat(30), fc.nat(2))), (acts, returned) => {
      const offsets = new SinkOffsets();
      for (const [what, offset, partition] of acts) {
        if (what === "forget") offsets.forget([{ topic: "t", partition }]);
        else offsets[what as "begin" | "deliver" | "committed" | "rewind"](at(offset, partition));
      }
      const delivered = new Map(offsets.delivered().map(({ partition, offset }) => [partition, offset]));
      for (const { partition, offset } of offsets.committable(returned.map(([o, p]) => at(o, p)))) {
        assert.ok(offset <= (delivered.get(partition) ?? -1));
      }
    }),
  );
});
