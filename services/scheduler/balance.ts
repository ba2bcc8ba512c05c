// Pure: what to move when a runner has joined.
import { compareItems, type Desired, type Placement, taskCount, type WorkKey } from "./model.ts";

export interface BalanceInput {
  readonly placements: ReadonlyMap<WorkKey, Placement>;
  readonly desired: Desired;
  /** Those that take work. */
  readonly runners: readonly string[];
}

/**
 * The fewest placements to take away so that afterwards no runner has two connectors, or two tasks, more than another.
 * Connectors and tasks are balanced apart from each other, as in Connect. Work that is on its way counts in the total.
 */
export function balance({ placements, desired, runners }: BalanceInput): readonly Placement[] {
  let tasks = 0;
  for (const record of desired.values()) tasks += taskCount(record);
  const assigned = [...placements.values()].filter((placement) => placement.phase === "assigned");
  return [
    ...surplus(
      assigned.filter((placement) => placement.task === null),
      desired.size,
      runners,
    ),
    ...surplus(
      assigned.filter((placement) => placement.task !== null),
      tasks,
      runners,
    ),
  ];
}

function surplus(assigned: readonly Placement[], total: number, runners: readonly string[]): readonly Placement[] {
  const byRunner = new Map<string, Placement[]>(runners.map((runner) => [runner, []]));
  for (const placement of assigned) byRunner.get(placement.runner)?.push(placement);
  const fullestFirst = [...byRunner].sort(([a, as], [b, bs]) => bs.length - as.length || (a < b ? -1 : 1));
  const share = Math.floor(total / runners.length);
  const withOneMore = total % runners.length;
  return fullestFirst.flatMap(([, own], index) => own.sort(compareItems).slice(share + (index < withOneMore ? 1 : 0)));
}
