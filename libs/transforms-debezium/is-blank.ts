// Pure: Debezium's notion of nothing to read.
import { javaTrim } from "@millrace/java-text";

/** Null, or text of nothing but what Java's trim takes away. */
export function isBlank(text: string | null): boolean {
  return text === null || javaTrim(text) === "";
}
