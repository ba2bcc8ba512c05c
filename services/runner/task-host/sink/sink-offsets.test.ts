import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SinkOffsets } from "./sink-offsets.ts";

const at = (offset: number, partition = 0) => ({ topic: "t", partition, offset });
const PARTITIONS = [
  { topic: "t", partition: 0 },
  { topic: "t", partition: 1 },
];
const [FIRST, SECOND] = PARTITIONS as [{ topic: string; partition: number }, { topic: string; partition: number }];

/** What is committed when `preCommit` is asked about `asked` and answers with `returned`. */
function commits(offsets: SinkOffsets, returned: { topic: string; partition: number; offset: number }[]) {
  return offsets.committable(returned, offsets.delivered(PARTITIONS), PARTITIONS);
}

test("SinkOffsets commits only what was delivered and is news", () => {
  const offsets = new SinkOffsets();
  offsets.begin(at(5));
  offsets.deliver(at(8));
  assert.deepEqual(offsets.delivered(PARTITIONS), [at(8)]);
  const cases: [number, boolean][] = [
    [4, true],
    [5, false],
    [6, true],
    [8, true],
    [9, false],
  ];
  for (const [offset, may] of cases) {
    assert.deepEqual(commits(offsets, [at(offset)]).offsets, may ? [at(offset)] : [], `offset ${offset}`);
  }
});

test("SinkOffsets says in Kafka Connect's words what it ignores", () => {
  const offsets = new SinkOffsets();
  offsets.begin(at(5));
  const elsewhere = { topic: "u", partition: 3, offset: 1 };
  assert.deepEqual(commits(offsets, [at(9), elsewhere, at(2, 1)]), {
    offsets: [],
    warnings: [
      "Ignoring invalid task provided offset t-0/OffsetAndMetadata{offset=9, leaderEpoch=null, metadata=''} -- not yet consumed, taskOffset=9 currentOffset=5",
      "Ignoring invalid task provided offset u-3/OffsetAndMetadata{offset=1, leaderEpoch=null, metadata=''} -- partition not assigned, assignment=[t-0, t-1]",
    ],
  });
});

test("SinkOffsets commits the other partitions as they stand when one has news", () => {
  const offsets = new SinkOffsets();
  offsets.begin(at(5));
  offsets.begin(at(7, 1));
  offsets.deliver(at(6));
  assert.deepEqual(commits(offsets, [at(6)]).offsets, [at(6), at(7, 1)]);
  assert.deepEqual(commits(offsets, []).offsets, []);
});

test("SinkOffsets commits nothing twice", () => {
  const offsets = new SinkOffsets();
  offsets.begin(at(5));
  offsets.deliver(at(6));
  offsets.committed([at(6), at(3, 1)]);
  assert.deepEqual(commits(offsets, [at(6)]).offsets, []);
  assert.deepEqual(offsets.delivered([SECOND]), [], "a commit of a partition that is gone leaves no trace");
});

test("SinkOffsets goes back to what is committed, else to where reading began", () => {
  const offsets = new SinkOffsets();
  offsets.begin(at(5));
  offsets.begin(at(2, 1));
  offsets.begin(at(3, 1));
  offsets.deliver(at(9));
  assert.deepEqual(offsets.backToCommitted(PARTITIONS), [at(5), at(2, 1)]);
  assert.deepEqual(offsets.delivered(PARTITIONS), [at(5), at(2, 1)]);
});

test("SinkOffsets takes what lies before a rewind as committed", () => {
  const offsets = new SinkOffsets();
  offsets.begin(at(9));
  offsets.rewind(at(4));
  assert.deepEqual(commits(offsets, offsets.delivered(PARTITIONS)).offsets, []);
  assert.deepEqual(offsets.backToCommitted([FIRST]), [at(4)]);
  offsets.deliver(at(6));
  assert.deepEqual(commits(offsets, [at(6)]).offsets, [at(6)]);
});

test("SinkOffsets forgets partitions that were given up", () => {
  const offsets = new SinkOffsets();
  offsets.begin(at(9));
  offsets.begin(at(7, 1));
  offsets.forget([FIRST]);
  assert.deepEqual(offsets.delivered(PARTITIONS), [at(7, 1)]);
  assert.deepEqual(commits(offsets, [at(9)]).offsets, []);
});

test("I6: SinkOffsets never lets anything beyond the delivered offset through", () => {
  const act = fc.tuple(
    fc.constantFrom("begin", "deliver", "rewind", "commit", "back", "forget"),
    fc.nat(20),
    fc.nat(1),
  );
  fc.assert(
    fc.property(fc.array(act), fc.array(fc.tuple(fc.nat(30), fc.nat(2))), (acts, returned) => {
      const offsets = new SinkOffsets();
      for (const [what, offset, partition] of acts) {
        const known = offsets.delivered([{ topic: "t", partition }])[0];
        if (what === "forget") offsets.forget([{ topic: "t", partition }]);
        else if (what === "back") offsets.backToCommitted([{ topic: "t", partition }]);
        else if (what === "deliver") known && offsets.deliver(at(Math.max(offset, known.offset), partition));
        else if (what === "commit") offsets.committed(commits(offsets, [at(offset, partition)]).offsets);
        else offsets[what as "begin" | "rewind"](at(offset, partition));
      }
      const delivered = new Map(offsets.delivered(PARTITIONS).map(({ partition, offset }) => [partition, offset]));
      const { offsets: committed } = commits(
        offsets,
        returned.map(([o, p]) => at(o, p)),
      );
      for (const { partition, offset } of committed) assert.ok(offset <= (delivered.get(partition) ?? -1));
    }),
  );
});
