// Pure: names of work inside a runner.
import type { Work } from "@millrace/protocol";

/** One connector, or one of its tasks; generations and restarts of it share the key. */
export function workKey(work: { readonly connector: string; readonly task?: number | null }): string {
  return work.task === undefined || work.task === null
    ? `connector ${work.connector}`
    : `task ${work.connector} ${work.task}`;
}

/** Changes when the work must be stopped and started anew; the target state is changed in place. */
export function workVersion(work: Work): string {
  return work.kind === "connector"
    ? `${work.configVersion}/${work.restart}`
    : `${work.generation}/${work.configVersion}/${work.restart}`;
}
