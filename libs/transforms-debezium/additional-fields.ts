// Pure: `table.fields.additional.placement`: more columns of an outbox table that become part of its events.

import { javaSplit, javaTrim } from "@millrace/java-text";
import { literal } from "./settings.ts";

const PLACEMENTS = ["header", "envelope", "partition"] as const;

export interface AdditionalField {
  /** Null where no known placement is named: refused when a record comes. */
  readonly placement: (typeof PLACEMENTS)[number] | null;
  readonly field: string;
  readonly alias: string;
}

/** What is wrong with the setting, in Debezium's words, or null. */
export function additionalFieldsProblem(list: string | null): string | null {
  if (list === null) return null;
  const mappings = javaSplit(list, ",");
  const wrong = mappings.some((mapping) => ![2, 3].includes(javaSplit(mapping, ":").length));
  if (!wrong) return null;
  return `A comma-separated list of valid String pairs or trios is expected but got: [${mappings.join(", ")}]`;
}

/** Of a list without problem. */
export function parseAdditionalFields(list: string | null): readonly AdditionalField[] {
  if (list === null) return [];
  return javaSplit(list, ",").map((mapping) => {
    const [field = "", placement = "", alias = field] = javaSplit(mapping, ":").map(javaTrim);
    return { placement: literal(placement, PLACEMENTS), field, alias };
  });
}
