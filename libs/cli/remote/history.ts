import { CliError, EXIT } from "./cli-error.ts";
import { segment } from "./connect-rest.ts";
import { table } from "./output.ts";
import { planOf, shownValue } from "./plan.ts";
import { oneName, type Session } from "./session.ts";

interface Version {
  readonly version: number;
  readonly at: string;
  readonly author: string | null;
  readonly config: Readonly<Record<string, string>>;
}

/** `history <name>`: versions of its configuration and what each changed. */
export async function history(session: Session): Promise<number> {
  const name = oneName(session, "history <connector>");
  const limit = Number(session.args.options.limit ?? "20");
  const body = await read(session, name, Math.min(100, limit + 1));
  if (await session.structured(body.versions.slice(0, limit))) return EXIT.done;
  const rows = body.versions
    .slice(0, limit)
    .map((version, at) => ({ version, changed: changed(version, body.versions[at + 1]) }));
  session.write(
    table(rows, [
      { title: "VERSION", of: ({ version }) => version.version },
      { title: "WRITTEN", of: ({ version }) => version.at },
      { title: "CHANGED", of: (row) => row.changed },
    ]),
  );
  return EXIT.done;
}

/** `rollback <name> [version]`; without one, to the version before the latest. */
export async function rollback(session: Session): Promise<number> {
  const [name, given, ...more] = session.args.files;
  if (name === undefined || more.length > 0)
    throw new CliError("usage: millrace rollback <connector> [version]", EXIT.usage);
  const { versions } = await read(session, name, 100);
  const wanted = given === undefined ? versions[1] : versions.find(({ version }) => String(version) === given);
  if (wanted === undefined) {
    const text =
      given === undefined
        ? `${name} has no earlier configuration`
        : `${name} has no version ${given}; see 'millrace history ${name}'`;
    throw new CliError(text, EXIT.notFound);
  }
  const connector = { name, config: wanted.config, state: null, keepsState: false, file: "" };
  for (const { key, before, after } of planOf(connector, { config: versions[0]!.config, state: null }).changes) {
    const shown = (value: string | null) => (value === null ? "(none)" : shownValue(key, value));
    session.write(`  ${key}: ${shown(before)} -> ${shown(after)}\n`);
  }
  if (!(await session.confirmed(`Write version ${wanted.version} again?`))) return EXIT.failed;
  await session.rest.send("POST", `/millrace/v1/connectors/${segment(name)}/rollback`, { version: wanted.version });
  session.write(`${name}: version ${wanted.version} written again\n`);
  return EXIT.done;
}

async function read({ rest }: Session, name: string, limit: number): Promise<{ versions: Version[] }> {
  const path = `/millrace/v1/connectors/${segment(name)}/history?limit=${limit}`;
  return (await rest.get(path)) as { versions: Version[] };
}

function changed({ config }: Version, before: Version | undefined): string {
  if (before === undefined) return "first known";
  const keys = [...new Set([...Object.keys(config), ...Object.keys(before.config)])].sort();
  return keys.filter((key) => config[key] !== before.config[key]).join(", ") || "nothing that shows";
}
