import type { Logger } from "@millrace/connect";
import { definedConfig, type PreviewStep, ProtocolError, type preview as previewQuestion } from "@millrace/protocol";
import type * as z from "zod";
import { validateConnector } from "../connector/validate.ts";
import type { HostEnvironment } from "../environment.ts";
import { hidingLogger } from "../secrets.ts";
import { connectorPlugin } from "../task-plugins.ts";
import { hiddenError } from "../with-revealed.ts";
import { previewSink } from "./preview-sink.ts";
import { previewSource } from "./preview-source.ts";

type Answer = z.infer<typeof previewQuestion.reply>;

/** One preview under way. */
export interface Preview {
  readonly env: HostEnvironment;
  readonly connector: string;
  readonly config: Readonly<Record<string, string>>;
  /** As many as are wanted. */
  readonly records: number;
  readonly logger: Logger;
  /** Aborts when time is up. */
  readonly signal: AbortSignal;
  wantsMore(): boolean;
  add(record: { readonly steps: PreviewStep[] }): void;
}

const PREVIEW_TIMEOUT_MS = 10_000;
/** A plugin that does not stop when it is told. */
const GIVE_UP_TIMEOUT_MS = 20_000;
const ANSWER_CHARS_MAX = 400_000;

/** @throws ProtocolError INVALID for a configuration with errors; TIMEOUT when the plugin does not come back. */
export async function previewConnector(
  env: HostEnvironment,
  { connector, config: raw, records: wanted }: z.infer<typeof previewQuestion.request>,
): Promise<Answer> {
  const { infos, type } = await validateConnector(env, raw);
  const errors = infos.configs.flatMap(({ value }) => value?.errors ?? []);
  if (errors.length > 0) throw new ProtocolError("INVALID", `The configuration has errors:\n${errors.join("\n")}`);
  const { config, secrets } = await env.providers.reveal(definedConfig(raw));
  const timeUp = new AbortController();
  const cancel = env.clock.after(PREVIEW_TIMEOUT_MS, () => timeUp.abort(new Error("the preview's time is up")));
  const shown: { steps: PreviewStep[] }[] = [];
  let chars = 0;
  const preview: Preview = {
    env,
    connector,
    config,
    records: wanted,
    logger: hidingLogger(env.logger.child({ connector, preview: true }), secrets),
    signal: timeUp.signal,
    wantsMore: () => shown.length < wanted && chars < ANSWER_CHARS_MAX && !timeUp.signal.aborted,
    add({ steps }) {
      shown.push({ steps: steps.map((step) => ({ ...step, error: step.error && secrets.hide(step.error) })) });
      chars += JSON.stringify(steps).length;
    },
  };
  try {
    const plugin = connectorPlugin(env, config);
    await untilGivenUp(env, plugin.type === "source" ? previewSource(plugin, preview) : previewSink(preview));
  } catch (error) {
    // Whatever a plugin throws because it was told to stop.
    if (!timeUp.signal.aborted || error instanceof ProtocolError) throw hiddenError(error, secrets);
  } finally {
    cancel();
    timeUp.abort(new Error("the preview is over"));
  }
  const ended = shown.length >= wanted ? "records" : chars >= ANSWER_CHARS_MAX ? "size" : "time";
  return { type, records: shown, ended };
}

async function untilGivenUp(env: HostEnvironment, running: Promise<void>): Promise<void> {
  const over = new AbortController();
  const late = env.clock.sleep(GIVE_UP_TIMEOUT_MS, over.signal).then(() => {
    throw new ProtocolError("TIMEOUT", "The connector did not stop when the preview was over");
  });
  late.catch(() => {});
  try {
    await Promise.race([running, late]);
  } finally {
    running.catch(() => {});
    over.abort();
  }
}
