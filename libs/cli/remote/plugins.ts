import { CliError, EXIT } from "./cli-error.ts";
import { segment } from "./connect-rest.ts";
import { table } from "./output.ts";
import { namesOf, type Session } from "./session.ts";
import { desiredConnectors } from "./write.ts";

interface Plugin {
  readonly class: string;
  readonly type: string;
  readonly version?: string;
}

interface Key {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default_value: string | null;
  readonly importance: string;
  readonly documentation: string;
}

/** `plugins`, `plugins --all`, or `plugins <class>` for its settings. */
export async function plugins(session: Session): Promise<number> {
  const [plugin] = session.args.files;
  const { rest, format } = session;
  if (plugin !== undefined) {
    const keys = (await rest.get(`/connector-plugins/${segment(plugin)}/config`)) as Key[];
    if (await session.structured(keys)) return EXIT.done;
    const columns = [
      { title: "NAME", of: ({ name }: Key) => name },
      { title: "TYPE", of: ({ type }: Key) => type },
      { title: "DEFAULT", of: ({ required, default_value }: Key) => (required ? "(required)" : (default_value ?? "")) },
      { title: "IMPORTANCE", of: ({ importance }: Key) => importance },
      { title: "MEANING", of: ({ documentation }: Key) => documentation.replace(/\s+/g, " "), wide: true as const },
    ];
    session.write(table(keys, columns, format === "wide"));
    return EXIT.done;
  }
  if (session.args.options.broken === "true") return brokenPlugins(session);
  const connectorsOnly = session.args.options.all !== "true";
  const found = (await rest.get(`/connector-plugins?connectorsOnly=${connectorsOnly}`)) as Plugin[];
  if (await session.structured(found)) return EXIT.done;
  session.write(
    table(found, [
      { title: "CLASS", of: (each) => each.class },
      { title: "TYPE", of: ({ type }) => type },
      { title: "VERSION", of: ({ version }) => version ?? "" },
    ]),
  );
  return EXIT.done;
}

interface BrokenPlugins {
  readonly plugins: readonly {
    readonly worker: string;
    readonly file: string;
    readonly reason: string;
    readonly quarantined: boolean;
  }[];
  readonly missingRunners: number;
}

/** `plugins --broken`. */
async function brokenPlugins(session: Session): Promise<number> {
  const body = (await session.rest.get("/millrace/v1/plugins/broken")) as BrokenPlugins;
  if (await session.structured(body)) return EXIT.done;
  if (body.missingRunners > 0) session.note(`${body.missingRunners} runners do not answer\n`);
  if (body.plugins.length === 0) session.note("No plugin is broken.\n");
  else {
    session.write(
      table(body.plugins, [
        { title: "WORKER", of: ({ worker }) => worker },
        { title: "FILE", of: ({ file }) => file },
        { title: "STATE", of: ({ quarantined }) => (quarantined ? "quarantine" : "left out") },
        { title: "REASON", of: ({ reason }) => reason.split("\n")[0]! },
      ]),
    );
  }
  return EXIT.done;
}

interface Infos {
  readonly error_count: number;
  readonly configs: readonly { readonly value: { readonly name: string; readonly errors: readonly string[] } | null }[];
}

/** `validate -f …` or `validate <name>`: exit code 1 when a setting is wrong. */
export async function validate(session: Session): Promise<number> {
  const { rest, args } = session;
  const wanted =
    args.all.filename === undefined
      ? await Promise.all(
          (await namesOf(session)).map(async (name) => {
            return { name, config: (await rest.get(`/connectors/${segment(name)}/config`)) as Record<string, string> };
          }),
        )
      : await desiredConnectors(session);
  let exitCode: number = EXIT.done;
  const answers: unknown[] = [];
  for (const { name, config } of wanted) {
    const className = config["connector.class"];
    if (className === undefined) throw new CliError(`${name} has no connector.class`, EXIT.failed);
    const plugin = segment(className.split(".").at(-1)!);
    const { body } = await rest.send("PUT", `/connector-plugins/${plugin}/config/validate`, config);
    const { error_count: count, configs } = body as Infos;
    answers.push(body);
    if (count > 0) exitCode = EXIT.failed;
    if (session.format === "json" || session.format === "yaml") continue;
    session.write(count === 0 ? `${name}: valid\n` : `${name}: ${count} error${count === 1 ? "" : "s"}\n`);
    for (const { value } of configs)
      for (const error of value?.errors ?? []) session.write(`  ${value!.name}: ${error}\n`);
  }
  await session.structured(answers);
  return exitCode;
}
