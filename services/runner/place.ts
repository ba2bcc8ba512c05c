// Pure: which task host runs a piece of work, and which hosts are of no use any more.
import { SHARED_GROUP } from "./isolation.ts";

export interface HostLoad {
  readonly id: number;
  /** Whose work it runs; null: a spare, which has run none. */
  readonly group: string | null;
  readonly tasks: number;
  /** Connectors that these are of. */
  readonly owners: number;
  readonly connectors: number;
  /** Questions it is answering. */
  readonly questions: number;
}

export interface Placing {
  readonly kind: "connector" | "task";
  /** The work may share a host with what is of this group only. */
  readonly group: string;
  /** Of this group. */
  readonly hostsMax: number;
  /** Where the same work ran last. */
  readonly last: number | null;
}

/**
 * The host of the group with the fewest tasks (connectors for connectors): of equal ones the last that had the work, then the
 * oldest. As long as there are fewer than `hostsMax`, a task is given another host when every one has a task already: a spare
 * one that nobody waits for, or a new one.
 * @returns null: start another host.
 */
export function placeWork({ kind, group, hostsMax, last }: Placing, hosts: readonly HostLoad[]): number | null {
  const load = (host: HostLoad) => (kind === "task" ? host.tasks : host.connectors);
  const own = hosts.filter((host) => host.group === group);
  const isLast = (host: HostLoad) => (host.id === last ? 0 : 1);
  const least = own.sort((a, b) => load(a) - load(b) || isLast(a) - isLast(b) || a.id - b.id)[0];
  const another = least === undefined || (kind === "task" && least.tasks > 0 && own.length < hostsMax);
  return another ? (spareFor(hosts)?.id ?? null) : least.id;
}

function spareFor(hosts: readonly HostLoad[]): HostLoad | undefined {
  return hosts.find((host) => host.group === null && host.questions === 0);
}

/** Hosts without work whose group nobody else will join. Shared ones stay for whatever comes next. */
export function useless(hosts: readonly HostLoad[]): readonly number[] {
  const isEmpty = (host: HostLoad) => host.tasks + host.connectors === 0;
  const isOwn = (host: HostLoad) => host.group !== null && host.group !== SHARED_GROUP;
  return hosts.filter((host) => isOwn(host) && isEmpty(host)).map(({ id }) => id);
}

/** Some host has tasks of several connectors: what one of them does to it, the others are to feel for as short as may be. */
export function isShared(hosts: readonly HostLoad[]): boolean {
  return hosts.some(({ owners }) => owners > 1);
}
