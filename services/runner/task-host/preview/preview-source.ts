import type { SourcePlugin, SourceRecord } from "@millrace/connect";
import { noMetrics } from "@millrace/connect";
import { type PreviewStep, ProtocolError } from "@millrace/protocol";
import { allowedLayers } from "../client-configs.ts";
import { openSourceOffsets } from "../source/start-source-task.ts";
import { SourceEncoder } from "../stages/encode.ts";
import { TransformChain } from "../stages/transform-chain.ts";
import { openConverters, openTransforms } from "../task-plugins.ts";
import { errorText } from "../trace.ts";
import type { Preview } from "./preview.ts";
import { NOTHING, transformed } from "./preview-steps.ts";
import { shownKafka, shownSource } from "./shown-record.ts";

const IDLE_MS = 100;

/** A connector and its first task, of their own, polled from the committed offsets on. Nothing of it is committed. */
export async function previewSource(plugin: SourcePlugin, preview: Preview): Promise<void> {
  const { env, connector, config, logger, signal } = preview;
  if (plugin.previews === false) {
    const text = `Connector class ${plugin.class} leaves traces outside when it polls, so it cannot be tried out without being created`;
    throw new ProtocolError("INVALID", text);
  }
  const layers = allowedLayers(env.worker, "source", config);
  const identity = { groupId: env.worker.groupId, connector, task: 0 };
  const offsets = openSourceOffsets(env, connector, layers, identity, signal);
  const { clock } = env;
  const context = {
    connector,
    logger,
    nowMs: () => clock.nowMs(),
    sleep: (delayMs: number, until?: AbortSignal) => clock.sleep(delayMs, until),
    offsets,
  };
  const running = plugin.create();
  await running.start({ ...context, requestTaskReconfiguration() {}, raiseError() {} }, config);
  try {
    const [taskConfig] = await running.taskConfigs(1);
    if (taskConfig === undefined) return;
    const task = running.task();
    try {
      await task.start({ ...context, task: 0, config: taskConfig, metrics: noMetrics, transaction: null, signal });
      while (preview.wantsMore()) {
        const polled = await task.poll();
        if (polled === null || polled.length === 0) await clock.sleep(IDLE_MS, signal);
        await show(preview, polled ?? []);
      }
    } finally {
      await task.stop();
    }
  } finally {
    await running.stop();
  }
}

async function show(preview: Preview, polled: readonly SourceRecord[]): Promise<void> {
  const { env, config } = preview;
  const converters = openConverters(env, config);
  const chain = openTransforms(env, config);
  const encoder = new SourceEncoder(new TransformChain([]), converters);
  try {
    for (const record of polled) {
      if (!preview.wantsMore()) return;
      const steps: PreviewStep[] = [{ ...NOTHING, stage: "poll", record: shownSource(record) }];
      const last = transformed(record, chain, { steps, show: shownSource });
      if (last !== null) steps.push(await converted(encoder, last));
      preview.add({ steps });
    }
  } finally {
    encoder.close();
    chain.close();
  }
}

async function converted(encoder: SourceEncoder, record: SourceRecord): Promise<PreviewStep> {
  try {
    const encoded = await encoder.encode(record);
    return { ...NOTHING, stage: "convert", bytes: encoded === null ? null : shownKafka(encoded) };
  } catch (error) {
    return { ...NOTHING, stage: "convert", class: encoder.executing, error: errorText(error) };
  }
}
