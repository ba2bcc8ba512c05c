import type { ConsumedRecord } from "@millrace/kafka";
import type { PreviewStep } from "@millrace/protocol";
import { adminClient, allowedLayers, offsetsConsumer, sinkConsumer } from "../client-configs.ts";
import { matchingTopics, sinkTopics } from "../sink/topic-subscription.ts";
import { SinkDecoder } from "../stages/decode.ts";
import { TransformChain } from "../stages/transform-chain.ts";
import { openConverters, openTransforms } from "../task-plugins.ts";
import { errorText } from "../trace.ts";
import type { Preview } from "./preview.ts";
import { NOTHING, transformed } from "./preview-steps.ts";
import { shownKafka, shownSink } from "./shown-record.ts";

const POLL_MS = 100;

/** The newest records of the sink's topics, read without its group; what comes meanwhile is shown too. The sink gets none. */
export async function previewSink(preview: Preview): Promise<void> {
  const { env, connector, config, records } = preview;
  const layers = allowedLayers(env.worker, "sink", config);
  const identity = { groupId: env.worker.groupId, connector, task: 0 };
  const isolation = sinkConsumer(layers, identity)["isolation.level"];
  const topics = sinkTopics(config, sinkConsumer(layers, identity));
  const admin = await env.kafka.admin(adminClient(layers, identity));
  try {
    const { names, pattern } = topics;
    const wanted = pattern === null ? names : matchingTopics({ ...topics, pattern }, await admin.listTopics());
    const known = await admin.describeTopics(wanted);
    const all = [...known].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    );
    if (all.length === 0) return;
    const ends = await admin.endOffsets(all, isolation === "read_committed" ? "read_committed" : "read_uncommitted");
    const each = Math.ceil(records / all.length);
    const consumer = await env.kafka.consumer({
      ...offsetsConsumer(layers, identity),
      "auto.offset.reset": "earliest",
      "isolation.level": isolation ?? "read_uncommitted",
    });
    try {
      await consumer.assign(ends.map((end) => ({ ...end, offset: Math.max(0, end.offset - each) })));
      while (preview.wantsMore()) await show(preview, await consumer.poll(records, POLL_MS));
    } finally {
      await consumer.close();
    }
  } finally {
    await admin.close();
  }
}

async function show(preview: Preview, consumed: readonly ConsumedRecord[]): Promise<void> {
  const { env, config } = preview;
  const chain = openTransforms(env, config);
  const converters = openConverters(env, config);
  const decoder = new SinkDecoder({ chain: new TransformChain([]), converters, keepOrigin: false });
  try {
    for (const message of consumed) {
      if (!preview.wantsMore()) return;
      const steps: PreviewStep[] = [{ ...NOTHING, stage: "consume", bytes: shownKafka(message) }];
      try {
        const record = await decoder.decode(message);
        steps.push({ ...NOTHING, stage: "convert", record: record && shownSink(record) });
        if (record !== null) transformed(record, chain, { steps, show: shownSink });
      } catch (error) {
        steps.push({ ...NOTHING, stage: "convert", class: decoder.executing, error: errorText(error) });
      }
      preview.add({ steps });
    }
  } finally {
    decoder.close();
    chain.close();
  }
}
