import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { checkoutDir } from "../../deploy/dev/setup/places.mjs";

export interface CdcKitOptions {
  readonly rest: string;
  readonly kafka: string;
  /** `postgres://user@host:port/…` */
  readonly postgres: string;
  /** Names of scenarios; all when absent. */
  readonly only?: readonly string[];
  readonly jobs: number;
  /** For what is made on the way. */
  readonly dir: string;
  /** Gets the output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** Runs the recorded change data scenarios against a worker. */
export function runCdcKit(options: CdcKitOptions): Promise<{ readonly code: number | null; readonly output: string }> {
  const { rest, kafka, postgres, only, jobs, dir, onOutput } = options;
  const kit = join(import.meta.dirname, "cdc/record.mjs");
  const args = [
    "check",
    "--suite",
    "public,more",
    "--rest",
    rest,
    "--kafka",
    kafka,
    "--pg",
    postgres,
    "--jobs",
    String(jobs),
    "--timeout",
    "30",
  ];
  if (only !== undefined) args.push("--only", only.join(","));
  const env = { ...process.env, KAFKA_CLIENT: checkoutDir, PATH: `${psqlIn(dir)}${delimiter}${process.env.PATH}` };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [kit, ...args], { env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes: Buffer) => {
        output += bytes;
        onOutput?.(String(bytes));
      });
    }
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** A folder with a `psql`, which the binaries from npm do not bring. */
function psqlIn(dir: string): string {
  const folder = join(dir, "bin");
  const file = join(folder, "psql");
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, "psql/psql.mjs")}" "$@"\n`);
  chmodSync(file, 0o755);
  return folder;
}
