import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { CliError, EXIT } from "./cli-error.ts";
import { segment } from "./connect-rest.ts";
import { connectorsIn, type DesiredConnector, isConnectorFile } from "./connector-documents.ts";
import { type Planned, planOf, shownValue } from "./plan.ts";
import { oneName, type Session } from "./session.ts";

/** `create <name> --set key=value …`, or `create -f file`: refused where there is one of that name. */
export async function create(session: Session): Promise<number> {
  const { args, rest } = session;
  const wanted = args.all.filename === undefined ? [fromArguments(session)] : await desiredConnectors(session);
  for (const { name, config, state } of wanted) {
    const initial = args.options.state?.toUpperCase() ?? state;
    await rest.send("POST", "/connectors", { name, config, ...(initial ? { initial_state: initial } : {}) });
    session.write(`${name}: created\n`);
  }
  return EXIT.done;
}

function fromArguments(session: Session): DesiredConnector {
  const name = oneName(session, "create <connector> --set connector.class=… --set key=value …, or create -f <file>");
  return { name, config: { ...session.args.overrides, name }, state: null, keepsState: false, file: "--set" };
}

/** `apply -f …`: shows what changes, then does it. */
export async function apply(session: Session): Promise<number> {
  const { options } = session.args;
  const plans = await plansOf(session);
  for (const plan of plans) session.write(planText(session, plan));
  const force = options.force === "true";
  const acted = plans.filter(
    ({ action, state, hidden }) => action !== "none" || state !== null || (force && hidden.length > 0),
  );
  const count = (action: Planned["action"]) => plans.filter((plan) => plan.action === action).length;
  session.write(`${count("create")} to create, ${count("update")} to update, ${count("none")} unchanged\n`);
  if (options["dry-run"] === "true" || acted.length === 0) return EXIT.done;
  if (!(await session.confirmed("Apply this?"))) return EXIT.failed;
  for (const plan of acted) await act(session, plan, force);
  return EXIT.done;
}

/** `diff -f …`: exit code 1 when something differs. */
export async function diff(session: Session): Promise<number> {
  const plans = await plansOf(session);
  for (const plan of plans) session.write(planText(session, plan));
  return plans.every(({ action, state }) => action === "none" && state === null) ? EXIT.done : EXIT.failed;
}

async function act({ rest, write }: Session, plan: Planned, force: boolean): Promise<void> {
  const { connector, action, state } = plan;
  const path = `/connectors/${segment(connector.name)}`;
  if (action === "create") {
    const initial = connector.state === null ? {} : { initial_state: connector.state };
    await rest.send("POST", "/connectors", { name: connector.name, config: connector.config, ...initial });
    write(`${connector.name}: created\n`);
    return;
  }
  if (action === "update" || force) {
    await rest.send("PUT", `${path}/config`, connector.config);
    write(`${connector.name}: updated\n`);
  }
  if (state !== null) {
    const verb = { RUNNING: "resume", PAUSED: "pause", STOPPED: "stop" }[state];
    await rest.send("PUT", `${path}/${verb}`);
    write(`${connector.name}: ${verb}d\n`.replace("stopd", "stopped"));
  }
}

async function plansOf(session: Session): Promise<Planned[]> {
  const wanted = await desiredConnectors(session);
  const { rest } = session;
  return Promise.all(
    wanted.map(async (connector) => {
      const path = `/connectors/${segment(connector.name)}`;
      const { status, body } = await rest.send("GET", `${path}/config`, undefined, { accept: [404] });
      if (status === 404) return planOf(connector, null);
      const now = connector.keepsState ? await rest.send("GET", `${path}/status`, undefined, { accept: [404] }) : null;
      const state = (now?.body as { connector?: { state: string } } | null)?.connector?.state ?? null;
      return planOf(connector, { config: body as Record<string, string>, state });
    }),
  );
}

function planText({ paint }: Session, { connector, action, changes, hidden, state }: Planned): string {
  const { name, file } = connector;
  const title = { create: "create", update: "update", none: state === null ? "unchanged" : "change state" }[action];
  const lines = changes.map(({ key, before, after }) => {
    if (before === null) return paint("green", `  + ${key}: ${shownValue(key, after!)}`);
    if (after === null) return paint("red", `  - ${key}: ${shownValue(key, before)}`);
    return paint("yellow", `  ~ ${key}: ${shownValue(key, before)} -> ${shownValue(key, after)}`);
  });
  if (state !== null) lines.push(paint("yellow", `  ~ state: ${state}`));
  if (hidden.length > 0 && action === "none") {
    lines.push(`  the server does not show ${hidden.join(", ")}: use --force to write it again`);
  }
  return [`${paint("bold", name)} (${file}): ${title}`, ...lines, ""].join("\n");
}

/** `patch <name> key=value … key-`. */
export async function patch(session: Session): Promise<number> {
  const [name, ...edits] = session.args.files;
  const changes = Object.fromEntries([...Object.entries(session.args.overrides), ...edits.map(editOf)]);
  if (name === undefined || Object.keys(changes).length === 0) {
    throw new CliError("usage: millrace patch <connector> key=value … key-   (key- removes it)", EXIT.usage);
  }
  const { body } = await session.rest.send("PATCH", `/connectors/${segment(name)}/config`, changes);
  if (!(await session.structured(body))) session.write(`${name}: patched\n`);
  return EXIT.done;
}

function editOf(text: string): [string, string | null] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  if (at < 0 && text.endsWith("-") && text.length > 1) return [text.slice(0, -1), null];
  throw new CliError(`${text}: give key=value, or key- to remove it`, EXIT.usage);
}

/** From the files and folders of `-f`; `-` is standard input. @throws CliError for none, and for two of one name. */
export async function desiredConnectors({ args }: Session): Promise<DesiredConnector[]> {
  const paths = args.all.filename ?? [];
  if (paths.length === 0) throw new CliError("say which file or folder: -f <path>", EXIT.usage);
  const { parseAllDocuments } = await import("yaml");
  const parseYaml = (text: string) =>
    parseAllDocuments(text).map((document) => {
      if (document.errors[0]) throw document.errors[0];
      return document.toJS() as unknown;
    });
  const found = paths.flatMap(filesOf).flatMap(({ file, text }) => {
    try {
      return connectorsIn(file, text, parseYaml);
    } catch (cause) {
      throw new CliError((cause as Error).message, EXIT.usage, { cause });
    }
  });
  if (found.length === 0) throw new CliError(`there is no connector in ${paths.join(", ")}`, EXIT.usage);
  const seen = new Map<string, string>();
  for (const { name, file } of found) {
    if (seen.has(name)) throw new CliError(`connector ${name} is in ${seen.get(name)} and in ${file}`, EXIT.usage);
    seen.set(name, file);
  }
  return found;
}

function filesOf(path: string): { file: string; text: string }[] {
  if (path === "-") return [{ file: "standard input", text: readFileSync(0, "utf8") }];
  try {
    if (!statSync(path).isDirectory()) return [{ file: path, text: readFileSync(path, "utf8") }];
    const names = readdirSync(path, { recursive: true, encoding: "utf8" }).filter(isConnectorFile).sort();
    return names.map((name) => ({ file: join(path, name), text: readFileSync(join(path, name), "utf8") }));
  } catch (cause) {
    throw new CliError(`${path} cannot be read: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
}
