// Pure: the header that carries a trace from one process to the next, as W3C Trace Context has it.

export const TRACEPARENT = "traceparent";

export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Header converters that write JSON put it in quotes. */
const FORMAT = /^"?([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-[^"]*)?"?$/;

/** null: it is none, so whoever reads it begins a trace of their own. */
export function parseTraceparent(text: string): TraceParent | null {
  const [, version, traceId = "", spanId = "", flags = "0"] = FORMAT.exec(text) ?? [];
  if (version === undefined || version === "ff" || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function traceparentText({ traceId, spanId, sampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}
