import { processEnv } from "@millrace/service/process-env";
import { parseArguments } from "./arguments.ts";
import { commands, usage } from "./commands.ts";
import { CliError, EXIT } from "./remote/cli-error.ts";

// Whoever read the output has gone, as in `millrace get | head -1`: an ordinary end, with the code shells give it.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(EXIT.nobodyReads);
});

/** `millrace <command> …`: finds the command, runs it, ends with its exit code. */
const [given = "help", ...rest] = process.argv.slice(2);
const name = { "--version": "version", "-v": "version", "--help": "help", "-h": "help" }[given] ?? given;
const command = commands[name];
if (name === "__complete") {
  const { complete } = await import("./remote/complete.ts");
  process.exitCode = await complete(rest, commands, processEnv());
} else if (rest.includes("--help") || rest.includes("-h")) {
  process.stdout.write(usage(command === undefined ? Object.keys(commands) : [name]));
} else if (command === undefined) {
  process.stderr.write(`millrace: there is no command '${name}'.\n\n${usage()}`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await command.run(parseArguments(rest, command.options));
  } catch (error) {
    process.stderr.write(`millrace ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof CliError ? error.exitCode : EXIT.usage;
  }
}
