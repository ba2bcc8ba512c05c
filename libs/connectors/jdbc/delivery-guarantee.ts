// Pure: for which configurations the source delivers exactly once.
import type { TaskConfig } from "@millrace/connect";

/**
 * A row is read once when its place in the order is the offset and no row before it can still appear. bulk has no offsets,
 * without the guard rows that commit late are skipped, and a suffix may cut or reorder the rows. Asked before the other
 * settings are known to be right.
 */
export function exactlyOnceSupport(config: TaskConfig): "SUPPORTED" | "UNSUPPORTED" {
  const guarded = config["millrace.in.flight.guard"]?.trim().toLowerCase() !== "false";
  const ordered = ["incrementing", "timestamp", "timestamp+incrementing"].includes(config.mode?.trim() ?? "");
  const plain = (config["query.suffix"] ?? "").trim() === "";
  return ordered && guarded && plain ? "SUPPORTED" : "UNSUPPORTED";
}
