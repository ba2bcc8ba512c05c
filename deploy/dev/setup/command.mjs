// Runs the tools set-up needs; their output goes to the step's log file, so that the terminal shows progress only.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A step that can't go on: what happened, what to do about it, and where the tool's own words are. */
export class SetupError extends Error {
  constructor(message, { whatToDo, logFile, cause } = {}) {
    super(message, { cause });
    this.whatToDo = whatToDo;
    this.logFile = logFile;
  }
}

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * Runs a command to its end; rejects with SetupError unless it exits with 0.
 * `options`: logFile, cwd, env (added to ours), timeoutMs, whatToDo (shown when it fails).
 */
export function run(command, args, options) {
  const log = openSync(options.logFile, "a");
  writeSync(log, `\n$ ${[command, ...args].join(" ")}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", log, log],
      timeout: options.timeoutMs ?? 1_200_000,
      killSignal: "SIGKILL",
    });
    running.add(child);
    child.on("close", () => running.delete(child));
    const fail = (why, cause) => {
      const { whatToDo, logFile } = options;
      reject(new SetupError(`${command}: ${why}`, { whatToDo, logFile, cause }));
    };
    child.on("error", (error) => fail(error.code === "ENOENT" ? "no such command" : error.message, error));
    child.on("exit", (code, signal) => {
      if (code === 0) resolve();
      else fail(signal ? `ended by ${signal}` : `exit code ${code}`);
    });
  }).finally(() => closeSync(log));
}

/** A quick question to a command: its standard output, or undefined when it is missing or fails. */
export function ask(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", timeout: 20_000, ...options });
  return status === 0 ? stdout : undefined;
}

/** The path of a command in PATH, or undefined. */
export function findCommand(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}

/** The last lines of a log file. */
export function tail(logFile, lineCount) {
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lineCount);
}
