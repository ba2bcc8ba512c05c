import { type BrokenPluginInfo, isProtocolError, runnerBrokenPlugins, runnerList } from "@millrace/protocol";
import type { Ask } from "../ask.ts";
import { json, type Resource } from "../resource.ts";

const ASK_TIMEOUT_MS = 4_000;

/** Plugins that some runner has and could not load: none of them is in `/connector-plugins` there. */
export function brokenPluginRoutes({ ask }: { readonly ask: Ask }): Resource[] {
  return [
    {
      path: "/millrace/v1/plugins/broken",
      methods: {
        async GET({ signal }) {
          const { runners } = await ask(runnerList, {}, { signal });
          const answers = await Promise.all(runners.map((runner) => brokenOf(ask, runner, signal)));
          const plugins = answers.flatMap((answer) => answer ?? []);
          return json({ plugins, missingRunners: answers.filter((answer) => answer === null).length });
        },
      },
    },
  ];
}

/** Null: the runner does not answer. */
async function brokenOf(
  ask: Ask,
  { runner, workerId }: { readonly runner: string; readonly workerId: string },
  signal: AbortSignal,
): Promise<(BrokenPluginInfo & { readonly worker: string })[] | null> {
  try {
    const { plugins } = await ask(runnerBrokenPlugins(runner), {}, { timeoutMs: ASK_TIMEOUT_MS, signal });
    return plugins.map((plugin) => ({ worker: workerId, ...plugin }));
  } catch (error) {
    if (isProtocolError(error) && !signal.aborted) return null;
    throw error;
  }
}
