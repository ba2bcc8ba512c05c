import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkoutDir } from "../../deploy/dev/setup/places.mjs";
import { until } from "../../deploy/prove/until.ts";

const bin = join(checkoutDir, "libs/cli/bin/millrace.mjs");
const TIMEOUT_MS = 30_000;

export interface TerminalOptions {
  readonly columns: number;
  readonly rows?: number;
  readonly env: Readonly<Record<string, string>>;
}

/** The command line on a terminal of its own (`script`, of Debian's bsdutils, makes it), with somebody who types. */
export class Terminal {
  /** All that was written to it so far, escape sequences and echoed keys included. */
  output = "";
  readonly ended: Promise<number>;
  readonly #process: ChildProcess;

  constructor(line: string, { columns, rows = 24, env }: TerminalOptions) {
    const quoted = [process.execPath, bin, ...line.split(" ")].map((word) => `'${word}'`).join(" ");
    const command = `stty cols ${columns} rows ${rows}; exec ${quoted}`;
    this.#process = spawn("script", ["--quiet", "--return", "--flush", "--command", command, "/dev/null"], {
      cwd: tmpdir(),
      env: { ...process.env, TERM: "xterm", ...env },
      stdio: ["pipe", "pipe", "inherit"],
      timeout: 120_000,
    });
    this.#process.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
    });
    this.ended = new Promise((resolve) => this.#process.on("close", (code) => resolve(code ?? -1)));
  }

  type(keys: string): void {
    this.#process.stdin!.write(keys);
  }

  /** Waits for it in what comes after the first `from` characters. */
  async shows(what: RegExp, from = 0): Promise<void> {
    await until(`${what} on the terminal`, () => what.test(this.output.slice(from)), TIMEOUT_MS).catch((error) => {
      throw new Error(`${error.message}\n${this.output}`);
    });
  }
}
