import { ProtocolError, toErrorMessage } from "@millrace/protocol";
import type { Secrets } from "@millrace/service";
import type { HostEnvironment } from "./environment.ts";

type Properties = Readonly<Record<string, string>>;

/** Calls `use` with what a connector's configuration stands for; what it throws is fit to be sent (I9). */
export async function withRevealed<T>(
  { providers }: Pick<HostEnvironment, "providers">,
  rawConfig: Properties,
  use: (config: Properties, secrets: Secrets) => Promise<T>,
): Promise<T> {
  const { config, secrets } = await providers.reveal(rawConfig);
  try {
    return await use(config, secrets);
  } catch (error) {
    throw hiddenError(error, secrets);
  }
}

/** Says what `error` says, without secrets, and without its cause, which may hold them. */
export function hiddenError(error: unknown, secrets: Secrets): ProtocolError {
  const { code, message, retriable } = toErrorMessage(error);
  return new ProtocolError(code, secrets.hide(message), { retriable });
}
