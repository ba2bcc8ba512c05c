// Pure: which task host runs a piece of work.

export interface HostLoad {
  readonly id: number;
  readonly tasks: number;
  readonly connectors: number;
}

/**
 * The host with the fewest tasks (connectors for connectors), the oldest among equals. A host is started, as long as there
 * are fewer than `hostsMax`, when every one that runs has a task already and a task is to be placed.
 * @returns null: start another host.
 */
export function placeWork(kind: "connector" | "task", hosts: readonly HostLoad[], hostsMax: number): number | null {
  const load = (host: HostLoad) => (kind === "task" ? host.tasks : host.connectors);
  const least = [...hosts].sort((a, b) => load(a) - load(b) || a.id - b.id)[0];
  if (least === undefined) return null;
  if (kind === "task" && least.tasks > 0 && hosts.length < hostsMax) return null;
  return least.id;
}
