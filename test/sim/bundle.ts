import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");

/** A deliberate bug: this text of a source file, which must be there exactly once, replaced. */
export interface Replacement {
  /** From the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface SimulationBundle {
  /** An ES module: the worker thread of a pool. */
  readonly file: string;
  remove(): void;
}

/** CommonJS packages in a bundle ask `require` for Node's own modules. */
const BANNER = `import { createRequire as createBundleRequire } from "node:module";
const require = createBundleRequire(import.meta.url);`;

/**
 * The simulation and all it simulates as one file, which threads load in a moment.
 * @throws Error when a replacement's text is not in its file exactly once.
 */
export async function bundleSimulation(replacements: readonly Replacement[] = []): Promise<SimulationBundle> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-sim-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const file = join(folder, "worker.mjs");
  try {
    await build({
      entryPoints: [join(import.meta.dirname, "worker.ts")],
      outfile: file,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      sourcemap: "inline",
      banner: { js: BANNER },
      // Loaded only where tracing is turned on.
      external: ["@opentelemetry/*"],
      logLevel: "silent",
      plugins: [replacing(replacements)],
    });
    return { file, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function replacing(replacements: readonly Replacement[]): Plugin {
  const texts = new Map<string, string>();
  for (const file of new Set(replacements.map((each) => each.file))) {
    const path = join(ROOT, file);
    const text = readFileSync(path, "utf8");
    texts.set(path, replaced(text, file, replacements));
  }
  return {
    name: "replacing",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = texts.get(path);
        return contents === undefined ? null : { contents, loader: "ts" };
      });
    },
  };
}

/** All at once: what one puts in is nothing to the others. */
function replaced(text: string, file: string, replacements: readonly Replacement[]): string {
  const places = replacements
    .filter((each) => each.file === file)
    .map(({ find, replace }) => {
      const count = text.split(find).length - 1;
      if (count !== 1) throw new Error(`${file} holds ${count} times, not once: ${find}`);
      return { from: text.indexOf(find), to: text.indexOf(find) + find.length, replace };
    })
    .sort((a, b) => b.from - a.from);
  return places.reduce((done, { from, to, replace }) => done.slice(0, from) + replace + done.slice(to), text);
}
