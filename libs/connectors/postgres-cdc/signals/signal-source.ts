import type { Logger } from "@millrace/connect";
import type { Signal } from "./signal.ts";

/** Where signals come from beside the stream. */
export interface SignalSource {
  /** Those since the last call, which are done by now. */
  read(): Promise<readonly Signal[]>;
  close(): Promise<void>;
}

/** Of `{"id": …, "type": …, "data": {…}}`; null, with a warning, for anything else. */
export function signalFromJson(text: string, logger: Logger): Signal | null {
  try {
    const { id, type, data } = JSON.parse(text) as Record<string, unknown>;
    if (typeof type !== "string") throw new TypeError("it has no type");
    return { id: String(id ?? ""), type, data: data === undefined || data === null ? null : JSON.stringify(data) };
  } catch (error) {
    logger.warn("Signal ignored: not a JSON object with id, type and data.", { reason: String(error) });
    return null;
  }
}
