import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ConsoleAssets } from "./console.ts";

/** Beside the bundle, or, where the sources run, in the checkout's build. */
const places = ["./ui/", "../../dist/ui/"];

/** The console's files as the build left them. */
export const consoleFiles: ConsoleAssets = async (name) => {
  for (const place of places) {
    try {
      return await readFile(fileURLToPath(new URL(place + name, import.meta.url)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return null;
};
