import type { DeletionContext } from "@millrace/connect";
import type { HostEnvironment } from "./environment.ts";
import { hidingLogger } from "./secrets.ts";
import { connectorPlugin } from "./task-plugins.ts";
import { withRevealed } from "./with-revealed.ts";

const TIMEOUT_MS = 30_000;

export interface CleanUpRequest {
  readonly connector: string;
  /** The last one of the deleted connector. */
  readonly config: Readonly<Record<string, string>>;
}

/**
 * Has a deleted connector's plugin remove what it left outside.
 * @returns false: its plugin has nothing to remove.
 * @throws ProtocolError in the plugin's words, or TIMEOUT, with no secret in them (I9).
 */
export function cleanUp(env: HostEnvironment, { connector, config: rawConfig }: CleanUpRequest): Promise<boolean> {
  const plugin = connectorPlugin(env, rawConfig);
  if (plugin.onDelete === undefined) return Promise.resolve(false);
  const { clock } = env;
  return withRevealed(env, rawConfig, async (config, secrets) => {
    const late = new AbortController();
    const tooLate = `the connector's plugin took longer than ${TIMEOUT_MS / 1000} s to clean up after it`;
    const context: DeletionContext = {
      connector,
      signal: late.signal,
      logger: hidingLogger(env.logger.child({ connector }), secrets),
      nowMs: () => clock.nowMs(),
      sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    };
    const cancelled = new Promise<never>((_, reject) => {
      late.signal.addEventListener("abort", () => reject(late.signal.reason));
    });
    const cancel = clock.after(TIMEOUT_MS, () => late.abort(new Error(tooLate)));
    try {
      await Promise.race([plugin.onDelete?.(config, context), cancelled]);
      return true;
    } finally {
      cancel();
    }
  });
}
