import { parseArguments } from "./arguments.ts";
import { commands, usage } from "./commands.ts";

/** `millrace <command> …`: finds the command, runs it, ends with its exit code. */
const [given = "help", ...rest] = process.argv.slice(2);
const name = { "--version": "version", "-v": "version", "--help": "help", "-h": "help" }[given] ?? given;
const command = commands[name];
if (command === undefined) {
  process.stderr.write(`millrace: there is no command '${name}'.\n\n${usage()}`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await command.run(parseArguments(rest, command.options));
  } catch (error) {
    process.stderr.write(`millrace ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
