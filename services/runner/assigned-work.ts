// Pure: what a runner has been assigned, after one more message.
import type { Assignment, Work } from "@millrace/protocol";
import { workKey } from "./work-key.ts";

export interface AssignedWork {
  readonly epoch: number;
  readonly sequence: number;
  readonly work: ReadonlyMap<string, Work>;
}

export type Taken =
  | { readonly is: "newer"; readonly assigned: AssignedWork }
  | { readonly is: "older" }
  /** Changes to something that has not been applied here: the leader sends what is missing to one that says what it has. */
  | { readonly is: "unfit" };

/** What has been applied never goes back (I11), and changes count only on top of what they were made for. */
export function takeAssignment(known: AssignedWork | null, assignment: Assignment): Taken {
  const { epoch, sequence, since } = assignment;
  if (known && (epoch < known.epoch || (epoch === known.epoch && sequence <= known.sequence))) return { is: "older" };
  const base = since === null ? new Map<string, Work>() : baseOf(known, epoch, since);
  if (base === null) return { is: "unfit" };
  const work = new Map(base);
  for (const item of assignment.gone) work.delete(workKey(item));
  for (const each of assignment.work) work.set(workKey(each), each);
  return { is: "newer", assigned: { epoch, sequence, work } };
}

/** Of later than `since`: the changes hold all that came in between, as it is now. */
function baseOf(known: AssignedWork | null, epoch: number, since: number): ReadonlyMap<string, Work> | null {
  return known && known.epoch === epoch && known.sequence >= since ? known.work : null;
}
