import type { Bus, Subscription } from "@millrace/bus";
import {
  connectorCleanUp,
  deadLetterGroups,
  deadLetterList,
  deadLetterReplay,
  fence,
  kafkaClusterId,
  offsetsAlter,
  offsetsGet,
  pluginConfig,
  pluginList,
  pluginValidate,
  preview,
  runnerBrokenPlugins,
  runnerStats,
} from "@millrace/protocol";
import type { Hosts } from "./hosts.ts";

const ANSWER_TIMEOUT_MS = 60_000;
const FENCE_TIMEOUT_MS = 120_000;
const LETTERS_TIMEOUT_MS = 80_000;
/** Connect's own budget for changing offsets. */
const ALTER_TIMEOUT_MS = 90_000;

/** Questions to any runner, and some to this one: nearly all are passed on to a task host, because only hosts load plugins and Kafka clients. */
export async function respondForHosts(deps: { runner: string; bus: Bus; hosts: Hosts }): Promise<Subscription[]> {
  const { runner, bus, hosts } = deps;
  return Promise.all([
    bus.respond(pluginList, () => hosts.call("pluginList", {}, ANSWER_TIMEOUT_MS)),
    bus.respond(runnerBrokenPlugins(runner), () => ({ plugins: hosts.brokenPlugins() })),
    bus.respond(pluginValidate, (question) => hosts.call("pluginValidate", question, ANSWER_TIMEOUT_MS)),
    bus.respond(pluginConfig, (question) => hosts.call("pluginConfig", question, ANSWER_TIMEOUT_MS)),
    bus.respond(offsetsGet, async (question) => {
      const { offsets } = await hosts.call("offsetsGet", question, ANSWER_TIMEOUT_MS);
      return { offsets: offsets as never };
    }),
    bus.respond(offsetsAlter, (question) => hosts.call("offsetsAlter", question, ALTER_TIMEOUT_MS)),
    bus.respond(connectorCleanUp, (question) => hosts.call("cleanUp", question, ANSWER_TIMEOUT_MS)),
    bus.respond(deadLetterGroups, (question) => hosts.call("deadLetterGroups", question, LETTERS_TIMEOUT_MS)),
    bus.respond(deadLetterList, (question) => hosts.call("deadLetterList", question, LETTERS_TIMEOUT_MS)),
    bus.respond(deadLetterReplay, (question) => hosts.call("deadLetterReplay", question, LETTERS_TIMEOUT_MS)),
    bus.respond(preview, (question) => hosts.call("preview", question, ANSWER_TIMEOUT_MS)),
    bus.respond(fence(runner), (question) => hosts.call("fence", question, FENCE_TIMEOUT_MS)),
    bus.respond(kafkaClusterId, () => hosts.call("kafkaClusterId", {}, ANSWER_TIMEOUT_MS)),
    bus.respond(runnerStats, async () => ({ hosts: await hosts.stats(ANSWER_TIMEOUT_MS) })),
  ]);
}
