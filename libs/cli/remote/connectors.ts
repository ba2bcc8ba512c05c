import { segment } from "./connect-rest.ts";
import { type Column, facts, indented, table } from "./output.ts";
import { oneName, type Session } from "./session.ts";

interface TaskState {
  readonly id: number;
  readonly state: string;
  readonly worker_id: string;
  readonly trace?: string;
}

interface Status {
  readonly name: string;
  readonly type: string;
  readonly connector: {
    readonly state: string;
    readonly worker_id: string;
    readonly version?: string | null;
    readonly trace?: string;
  };
  readonly tasks: readonly TaskState[];
}

interface Entry {
  readonly status?: Status;
  readonly info?: {
    readonly name: string;
    readonly type: string;
    readonly config: Readonly<Record<string, string>>;
  } | null;
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly state: string;
  readonly tasks: string;
  readonly worker: string;
  readonly className: string;
  readonly version: string;
}

const columns: readonly Column<Row>[] = [
  { title: "NAME", of: ({ name }) => name },
  { title: "TYPE", of: ({ type }) => type },
  { title: "STATE", of: ({ state }) => state },
  { title: "TASKS", of: ({ tasks }) => tasks },
  { title: "WORKER", of: ({ worker }) => worker },
  { title: "VERSION", of: ({ version }) => version, wide: true },
  { title: "CLASS", of: ({ className }) => className, wide: true },
];

/** `get [name …]`; the word `connectors` before them does no harm. */
export async function get(session: Session): Promise<number> {
  const wanted = new Set(session.args.files.filter((word) => !/^connectors?$/.test(word)));
  const all = (await session.rest.get("/connectors?expand=status&expand=info")) as Record<string, Entry>;
  for (const name of wanted) if (all[name] === undefined) await session.rest.get(`/connectors/${segment(name)}`);
  const entries = Object.entries(all).filter(([name]) => wanted.size === 0 || wanted.has(name));
  if (await session.structured(Object.fromEntries(entries))) return 0;
  const rows = entries.map(([name, entry]) => rowOf(name, entry)).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (rows.length === 0) session.note("No connectors yet: make one with 'millrace create' or 'millrace apply'.\n");
  else session.write(table(rows, columns, session.format === "wide"));
  return 0;
}

function rowOf(name: string, { status, info }: Entry): Row {
  const running = status?.tasks.filter(({ state }) => state === "RUNNING").length ?? 0;
  const failed = status?.tasks.filter(({ state }) => state === "FAILED").length ?? 0;
  const tasks = `${running}/${status?.tasks.length ?? 0}${failed > 0 ? ` (${failed} failed)` : ""}`;
  return {
    name,
    type: status?.type ?? info?.type ?? "unknown",
    state: status?.connector.state ?? "UNKNOWN",
    tasks,
    worker: status?.connector.worker_id ?? "",
    className: info?.config["connector.class"] ?? "",
    version: status?.connector.version ?? "",
  };
}

/** `describe name`: state, configuration, tasks with their whole traces, topics. */
export async function describe(session: Session): Promise<number> {
  const name = oneName(session, "describe <connector>");
  const path = `/connectors/${segment(name)}`;
  const { rest } = session;
  const info = (await rest.get(path)) as NonNullable<Entry["info"]>;
  const [status, topics] = await Promise.all([
    rest.send("GET", `${path}/status`, undefined, { accept: [404] }),
    rest.send("GET", `${path}/topics`, undefined, { accept: [403, 404] }),
  ]);
  const state = status.status === 200 ? (status.body as Status) : null;
  const used = topics.status === 200 ? ((topics.body as Record<string, { topics: string[] }>)[name]?.topics ?? []) : [];
  if (await session.structured({ name, type: info.type, config: info.config, status: state, topics: used })) return 0;
  const { write } = session;
  write(
    facts([
      ["Name", name],
      ["Type", info.type],
      ["Class", info.config["connector.class"] ?? ""],
      ["State", state?.connector.state ?? "not observed yet"],
      ["Worker", state?.connector.worker_id ?? ""],
      ["Version", state?.connector.version ?? ""],
      ["Topics", used.join(", ") || "none used yet"],
    ]),
  );
  if (state?.connector.trace) write(`Trace:\n${indented(state.connector.trace, "  ")}`);
  const config = Object.entries(info.config).sort(([a], [b]) => (a < b ? -1 : 1));
  write(`Config:\n${facts(config, "  ")}`);
  write(state === null || state.tasks.length === 0 ? "Tasks: none\n" : `Tasks:\n${tasksText(state.tasks)}`);
  return 0;
}

function tasksText(tasks: readonly TaskState[]): string {
  const list = table(tasks, [
    { title: "ID", of: ({ id }) => id },
    { title: "STATE", of: ({ state }) => state },
    { title: "WORKER", of: ({ worker_id }) => worker_id },
  ]);
  const traces = tasks.filter(({ trace }) => trace !== undefined && trace !== "");
  return (
    indented(list, "  ") + traces.map(({ id, trace }) => `  Trace of task ${id}:\n${indented(trace!, "    ")}`).join("")
  );
}
