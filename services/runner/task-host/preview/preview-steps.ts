import type { ConnectRecord } from "@millrace/connect";
import type { PreviewRecord, PreviewStep } from "@millrace/protocol";
import type { TransformChain } from "../stages/transform-chain.ts";
import { errorText } from "../trace.ts";

export const NOTHING: Pick<PreviewStep, "alias" | "class" | "applied" | "record" | "bytes" | "error"> = {
  alias: null,
  class: null,
  applied: true,
  record: null,
  bytes: null,
  error: null,
};

/** Each transform by itself. @returns the record after the last one, or null when one dropped it or failed. */
export function transformed<R extends ConnectRecord>(
  record: R,
  chain: TransformChain,
  { steps, show }: { readonly steps: PreviewStep[]; readonly show: (record: R) => PreviewRecord },
): R | null {
  let current: R | null = record;
  for (const { alias, className, applies, chain: one } of chain.each()) {
    const step = { ...NOTHING, stage: "transform" as const, alias, class: className };
    try {
      const applied: boolean = applies(current);
      if (applied) current = one.apply(current);
      steps.push({ ...step, applied, record: current === null ? null : show(current) });
    } catch (error) {
      steps.push({ ...step, error: errorText(error) });
      return null;
    }
    if (current === null) return null;
  }
  return current;
}
