import type { Arguments } from "../arguments.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { checkedUrl, contextFile, readContexts, writeContexts } from "./context-file.ts";
import { table } from "./output.ts";

const USAGE = "usage: millrace context [list | add <name> <url> | use <name> | remove <name>]";

/** `context …`: clusters by name. */
export function context({ files }: Arguments, env: Readonly<Record<string, string | undefined>>): number {
  const [verb = "list", name, url] = files;
  const file = contextFile(env);
  const { current, contexts } = readContexts(file);
  if (verb === "list") {
    const rows = Object.entries(contexts).map(([each, { url: at }]) => ({
      mark: each === current ? "*" : "",
      name: each,
      at,
    }));
    if (rows.length === 0) process.stderr.write("No contexts yet: add one with 'millrace context add <name> <url>'.\n");
    else {
      process.stdout.write(
        table(rows, [
          { title: "", of: ({ mark }) => mark },
          { title: "NAME", of: (row) => row.name },
          // A password in it stays in the file.
          { title: "URL", of: ({ at }) => at.replace(/(\/\/[^:@/]*):[^@/]*@/, "$1:…@") },
        ]),
      );
    }
    return EXIT.done;
  }
  if (name === undefined) throw new CliError(USAGE, EXIT.usage);
  if (verb === "add") {
    if (url === undefined) throw new CliError(USAGE, EXIT.usage);
    writeContexts(file, { current: current ?? name, contexts: { ...contexts, [name]: { url: checkedUrl(url) } } });
    process.stdout.write(`context ${name} added\n`);
    return EXIT.done;
  }
  if (contexts[name] === undefined) throw new CliError(`there is no context ${name}`, EXIT.notFound);
  if (verb === "use") writeContexts(file, { current: name, contexts });
  else if (verb === "remove") {
    const { [name]: _, ...others } = contexts;
    writeContexts(file, { current: current === name ? null : current, contexts: others });
  } else throw new CliError(USAGE, EXIT.usage);
  process.stdout.write(`context ${name} ${verb === "use" ? "is the current one" : "removed"}\n`);
  return EXIT.done;
}
