import type { Bus } from "@millrace/bus";
import {
  type ConfigInfos,
  isProtocolError,
  ProtocolError,
  pluginValidate,
  type SubmittedConfig,
} from "@millrace/protocol";

/** Loading a plugin and reaching its other side may take a while. */
const validateTimeoutMs = 60_000;

/**
 * Asks a runner, because only runners load plugins.
 * @returns the keys of the config that are passwords.
 * @throws ProtocolError INVALID with Connect's text; UNAVAILABLE when there is nobody to ask.
 */
export async function validate(bus: Bus, config: SubmittedConfig, signal: AbortSignal): Promise<readonly string[]> {
  const { infos, passwords } = await ask(bus, config, signal);
  if (infos.error_count > 0) throw new ProtocolError("INVALID", invalidConfigMessage(infos));
  return passwords;
}

async function ask(bus: Bus, config: SubmittedConfig, signal: AbortSignal) {
  try {
    return await bus.request(pluginValidate, { config }, { timeoutMs: validateTimeoutMs, signal });
  } catch (cause) {
    if (!isProtocolError(cause) || signal.aborted) throw cause;
    if (cause.code === "UNAVAILABLE") {
      throw new ProtocolError(
        "UNAVAILABLE",
        `No runner is alive to validate connector ${config.name}, the configuration was not stored; start a runner and try again`,
        { cause },
      );
    }
    if (cause.code === "TIMEOUT") {
      throw new ProtocolError(
        "TIMEOUT",
        `No runner validated connector ${config.name} within ${validateTimeoutMs / 1000} s, the configuration was not stored; look at the runners' logs and try again`,
        { cause },
      );
    }
    if (cause.code === "INTERNAL") throw new ProtocolError("INTERNAL", withoutClass(cause.message), { cause });
    throw cause;
  }
}

/** Connect shows a failed validation with its class where somebody asked for one, and without where it stores. */
function withoutClass(message: string): string {
  return message.replace(/^org\.apache\.kafka\.common\.config\.ConfigException: /, "");
}

/** As Kafka Connect words it, `{connectorType}` and all. */
export function invalidConfigMessage(infos: ConfigInfos): string {
  const errors = infos.configs.flatMap((config) => config.value?.errors ?? []);
  return [
    `Connector configuration is invalid and contains the following ${infos.error_count} error(s):`,
    ...errors,
    "You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`",
  ].join("\n");
}
