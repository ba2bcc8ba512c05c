// Where the clients are: one folder here holds a driver and the exact versions it needs; set-up makes it runnable elsewhere.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDir } from "../../../deploy/dev/setup/places.mjs";

export const sourceDir = (ecosystem) => join(import.meta.dirname, ecosystem);

/** One for each state of the sources, so that a changed driver or version is installed anew. */
export function installedDir(ecosystem) {
  const hash = createHash("sha256");
  const files = readdirSync(sourceDir(ecosystem), { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  for (const path of files.map(({ path: folder, name }) => join(folder, name)).sort()) hash.update(readFileSync(path));
  return join(cacheDir, "rest-clients", `${ecosystem}-${hash.digest("hex").slice(0, 12)}`);
}
