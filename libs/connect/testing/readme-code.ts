import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const connectDir = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(connectDir, "README.md"), "utf8");

/** The code of the README that follows a mention of this file, e.g. `http-feed/plugin.ts`. */
export function readmeCode(file: string): string {
  const code = readme.slice(readme.indexOf(`\`${file}\``)).match(/^```\w+\n([\s\S]*?)^```$/m)?.[1];
  if (!readme.includes(`\`${file}\``) || code === undefined) throw new Error(`the README has no code for ${file}`);
  return code;
}

/** Plugin folders as the README describes them, in a new temporary folder: its path. */
export function writeReadmePlugins(): string {
  const dir = mkdtempSync(join(tmpdir(), "millrace-readme-"));
  for (const name of ["redact-emails", "http-feed"]) {
    mkdirSync(join(dir, name));
    for (const file of ["package.json", "plugin.ts", "plugin.test.ts"]) {
      const text = readmeCode(file === "package.json" ? file : `${name}/${file}`);
      writeFileSync(join(dir, name, file), text.replace("http-feed", name));
    }
  }
  return dir;
}

/** For the compiler and the tests, as `npm install <checkout>/libs/connect` would. */
export function installConnect(dir: string): void {
  const place = join(dir, "node_modules/@millrace/connect");
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(connectDir, place);
}
