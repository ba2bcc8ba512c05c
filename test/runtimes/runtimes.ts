import { bunPath, denoPath } from "../../deploy/dev/runtimes.ts";

export interface Runtime {
  readonly name: string;
  /** Throws when the runtime isn't installed. */
  readonly command: () => string;
  /** Before the file of a service. */
  readonly serviceArgs: readonly string[];
  /** Before a file that only loads libraries. */
  readonly libraryArgs: readonly string[];
}

export const node: Runtime = {
  name: "Node",
  command: () => process.execPath,
  serviceArgs: ["--import", "tsx"],
  libraryArgs: ["--import", "tsx"],
};

/** Deno grants what is listed and no more: no service writes files, starts processes or loads native code. */
export const deno: Runtime = {
  name: "Deno",
  command: denoPath,
  serviceArgs: ["run", "--allow-env", "--allow-net", "--allow-read", "--allow-sys"],
  libraryArgs: ["run", "--allow-read"],
};

export const bun: Runtime = { name: "Bun", command: bunPath, serviceArgs: [], libraryArgs: [] };
