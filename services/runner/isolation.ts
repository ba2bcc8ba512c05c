// Pure: which work shares a process with which other, as the connector's `task.isolation` says.
import type { Work } from "@millrace/protocol";
import { workKey } from "./work-key.ts";

export const ISOLATION_SETTING = "task.isolation";

/**
 * - `shared`: with everybody's work, one host per core.
 * - `connector`: with work of the same connector only, which has up to as many hosts as all shared work.
 * - `task`: a host for each task, and one for the connector itself.
 */
export const ISOLATIONS = ["shared", "connector", "task"] as const;
export type Isolation = (typeof ISOLATIONS)[number];

/** Hosts of this group take the work of everyone who asked for nothing else. */
export const SHARED_GROUP = "shared";

/** Hosts run the work of one group. What the validation would refuse counts as `shared`. */
export function groupOf(work: Work): string {
  const isolation = isolationOf(work.config);
  if (isolation === "task") return workKey(work);
  return isolation === "connector" ? `all of ${work.connector}` : SHARED_GROUP;
}

/** Groups that may have several hosts; the work of any other is kept in one. */
export function hostsMaxOf(group: string, work: Work, hostsMax: number): number {
  return group === SHARED_GROUP || (group === groupOf(work) && isolationOf(work.config) === "connector") ? hostsMax : 1;
}

function isolationOf(config: Readonly<Record<string, string>>): Isolation {
  const given = config[ISOLATION_SETTING]?.toLowerCase();
  return ISOLATIONS.find((isolation) => isolation === given) ?? "shared";
}
