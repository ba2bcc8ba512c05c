// Where npm put the binaries of the other JavaScript runtimes that Millrace's libraries run on.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkoutDir } from "./setup/places.mjs";

const isMusl = !("glibcVersionRuntime" in (process.report.getReport() as { header: object }).header);
const bunPlatform = `${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`;
const denoPlatform = `${process.platform}-${process.arch}`;

/** The path of the `bun` binary. Throws when npm installed none for this platform. */
export const bunPath = (): string =>
  installed(`@oven/bun-${bunPlatform}${process.platform === "linux" && isMusl ? "-musl" : ""}/bin/bun`);

/** The path of the `deno` binary. Throws when npm installed none for this platform. */
export const denoPath = (): string =>
  installed(`@deno/${denoPlatform}${process.platform === "linux" ? "-glibc" : ""}/deno`);

function installed(path: string): string {
  const file = join(checkoutDir, "node_modules", path);
  if (!existsSync(file)) throw new Error(`no ${file}: run  node deploy/dev/setup.mjs --only npm`);
  return file;
}
