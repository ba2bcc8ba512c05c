import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** The house rules that a machine can hold. A failing test names every file and line. */
const root = fileURLToPath(new URL("..", import.meta.url));
/** Brought in from elsewhere as it is, see the README there. */
const VENDORED = ["test/bench/driver", "test/bench/peer", "test/compat/cdc", "test/compat/rest"];
const sources = ["libs", "services", "deploy", "test"]
  .flatMap((dir) => walk(join(root, dir)))
  .filter((file) => !VENDORED.some((folder) => relative(root, file).startsWith(`${folder}/`)));
const code = sources.filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.endsWith(".d.mts"));
const packages = readPackages();

interface Package {
  readonly name: string;
  readonly folder: string;
  readonly plugin: boolean;
  readonly bin: boolean;
  readonly private: boolean;
}

/** What each part may import of ours. `*` ends a prefix. Whatever is not listed may import nothing. */
const directions: readonly (readonly [folder: string, ...allowed: string[]])[] = [
  ["libs/time"],
  ["libs/java-text"],
  ["libs/connect", "java-text"],
  ["libs/protocol", "java-text"],
  ["libs/postgres"],
  ["libs/metrics"],
  ["libs/bus", "protocol", "time"],
  ["libs/kafka", "time"],
  ["libs/fail-points"],
  ["libs/service", "fail-points", "java-text", "metrics", "time"],
  ["libs/converters", "connect"],
  ["libs/transforms", "connect", "java-text"],
  ["libs/transforms-debezium", "connect", "java-text", "transforms"],
  // Its documents are JSON as JsonConverter writes it.
  ["libs/connectors/elasticsearch", "connect", "converters"],
  // So that proofs can kill it where it hands over.
  ["libs/connectors/postgres-cdc", "connect", "fail-points"],
  ["libs/connectors", "connect"],
  ["services/gateway", "protocol", "bus", "metrics", "service", "fail-points", "time"],
  ["services/config", "protocol", "bus", "metrics", "service", "fail-points", "time", "postgres"],
  ["services/scheduler", "protocol", "bus", "metrics", "service", "fail-points", "time", "postgres"],
  ["services/runner", "connect", "java-text", "kafka", "metrics", "protocol", "bus", "service", "fail-points", "time"],
  // The composition roots put services together; nothing imports them.
  ["libs/cli", "*"],
  ["deploy", "*"],
  ["test", "*"],
];

/** Each third-party package has one home, so that replacing it touches one place. */
const homes: Readonly<Record<string, readonly string[]>> = {
  hono: ["services/gateway"],
  "@hono/node-server": ["services/gateway"],
  "@confluentinc/kafka-javascript": ["libs/kafka/librdkafka"],
  "@nats-io/nats-core": ["libs/bus/nats.ts"],
  "@nats-io/transport-node": ["libs/bus/nats.ts"],
  "drizzle-orm": ["libs/postgres", "services/config", "services/scheduler"],
  postgres: ["libs/postgres", "libs/connectors/jdbc"],
  mysql2: ["libs/connectors/jdbc/connection"],
  "better-sqlite3": ["libs/connectors/jdbc/connection"],
  tedious: ["libs/connectors/jdbc/connection"],
  oracledb: ["libs/connectors/jdbc/connection"],
  "@opentelemetry/api": ["services/runner/task-host/tracing"],
  "@opentelemetry/exporter-trace-otlp-http": ["services/runner/task-host/tracing"],
  "@opentelemetry/resources": ["services/runner/task-host/tracing"],
  "@opentelemetry/sdk-trace-base": ["services/runner/task-host/tracing"],
  pino: ["libs/service"],
  yaml: ["libs/cli/remote"],
  undici: ["libs/connectors/elasticsearch"],
  preact: ["services/gateway/ui"],
  uplot: ["services/gateway/ui"],
  zod: ["libs/protocol", "libs/bus", "libs/service", "services"],
};

const BANNED =
  /(?<![.\w])(Date\.now\(|new Date\(\)|setTimeout\(|setInterval\(|Math\.random\(|process\.env\b|performance\.now\()/;

test("imports go only where the direction of dependencies allows", () => {
  const wrong = code.flatMap((file) =>
    importsOf(file).flatMap(({ specifier, line }) => {
      const target = ownPackage(file, specifier);
      if (target === null || target === packageOf(file) || isTest(file)) return [];
      const allowed = directions.find(([folder]) => inside(file, folder))?.slice(1) ?? [];
      const short = target.replace("@millrace/", "");
      return allowed.includes("*") || allowed.includes(short) ? [] : [`${at(file, line)} imports ${target}`];
    }),
  );
  assert.deepEqual(wrong, []);
});

test("a third-party package is imported only where it lives", () => {
  const wrong = code.flatMap((file) =>
    importsOf(file).flatMap(({ specifier, line }) => {
      const name = Object.keys(homes).find((home) => specifier === home || specifier.startsWith(`${home}/`));
      if (name === undefined || isTest(file) || inside(file, "test") || inside(file, "deploy")) return [];
      return homes[name]!.some((home) => inside(file, home)) ? [] : [`${at(file, line)} imports ${name}`];
    }),
  );
  assert.deepEqual(wrong, []);
});

test("a file that begins with `Pure:` is pure", () => {
  const impure = /\basync\b|\bawait\b|\bPromise\b|\bfetch\(|\bconsole\./;
  const io = /from "node:(?!buffer")/;
  const wrong = code.flatMap((file) => {
    const text = readFileSync(file, "utf8");
    if (!text.startsWith("// Pure:")) return [];
    return lines(withoutComments(text))
      .filter(({ text: line }) => impure.test(withoutStrings(line)) || io.test(line) || BANNED.test(line))
      .map(({ text: line, number }) => `${at(file, number)} ${line.trim()}`);
  });
  assert.deepEqual(wrong, []);
});

test("time, randomness and the environment are read only in libs/time and libs/service", () => {
  // A page in a browser has its own clock.
  const free = ["libs/time", "libs/service", "libs/cli", "services/gateway/ui", "deploy", "test"];
  const wrong = code.flatMap((file) => {
    if (isTest(file) || isConformance(file) || free.some((folder) => inside(file, folder))) return [];
    return lines(withoutComments(readFileSync(file, "utf8")))
      .filter(({ text }) => BANNED.test(withoutStrings(text)))
      .map(({ text, number }) => `${at(file, number)} ${text.trim()}`);
  });
  assert.deepEqual(wrong, []);
});

test("no file is longer than 400 lines", () => {
  const long = code
    .map((file) => ({ file, count: readFileSync(file, "utf8").split("\n").length - 1 }))
    .filter(({ count }) => count > 400)
    .map(({ file, count }) => `${at(file)}: ${count} lines`);
  assert.deepEqual(long, []);
});

test("files are kebab-case and named for what they hold", () => {
  const wrong = code
    .map((file) => relative(root, file))
    .filter((file) => {
      const name = file
        .slice(file.lastIndexOf("/") + 1)
        .replace(/(\.(integration|conformance|faults|invariants))?(\.test)?(\.d)?\.(tsx?|mts|mjs)$/, "");
      return !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || /(^|-)(utils?|helpers?|common|managers?|misc)($|-)/.test(name);
    });
  assert.deepEqual(wrong, []);
});

test("no package without a reader: each is imported by another, is a plugin, or is run", () => {
  const read = new Set<string>();
  for (const file of code) {
    for (const { specifier } of importsOf(file)) {
      const target = ownPackage(file, specifier);
      if (target !== null && target !== packageOf(file)) read.add(target);
    }
  }
  const unread = packages.filter((each) => !each.plugin && !each.bin && !each.private && !read.has(each.name));
  assert.deepEqual(
    unread.map(({ name }) => name),
    [],
  );
});

test("no connector is named outside its own folder", () => {
  const connectors = packages.filter(({ folder }) => folder.startsWith("libs/connectors/"));
  const wrong = code.flatMap((file) => {
    if (inside(file, "test") || inside(file, "deploy") || isTest(file)) return [];
    return importsOf(file)
      .filter(({ specifier }) => {
        const target = ownPackage(file, specifier);
        return connectors.some(({ name, folder }) => target === name && !inside(file, folder));
      })
      .map(({ specifier, line }) => `${at(file, line)} imports ${specifier}`);
  });
  assert.deepEqual(wrong, []);
});

test("nothing is left for later in comments, and tests are not skipped", () => {
  const later = new RegExp(["TO" + "DO", "FIX" + "ME", "XX" + "X"].map((word) => `\\b${word}\\b`).join("|"));
  const skipped = /\b(test|it|describe)\.(skip|only|todo)\(/;
  const wrong = code.flatMap((file) =>
    lines(readFileSync(file, "utf8"))
      .filter(({ text }) => later.test(text) || skipped.test(text))
      .map(({ text, number }) => `${at(file, number)} ${text.trim()}`),
  );
  assert.deepEqual(wrong, []);
});

test("test names are unique within their file", () => {
  const wrong = code.filter(isTest).flatMap((file) => {
    const names = [...readFileSync(file, "utf8").matchAll(/^\s*(?:await )?test\("((?:[^"\\]|\\.)*)"/gm)].map(
      (m) => m[1]!,
    );
    return names.filter((name, i) => names.indexOf(name) !== i).map((name) => `${at(file)} ${name}`);
  });
  assert.deepEqual(wrong, []);
});

function importsOf(file: string): { specifier: string; line: number }[] {
  const text = readFileSync(file, "utf8");
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\(\s*"([^"]+)"|(?:^|\n)import "([^"]+)"/g;
  return [...text.matchAll(pattern)].map((match) => ({
    specifier: (match[1] ?? match[2] ?? match[3])!,
    line: text.slice(0, match.index + match[0].length).split("\n").length,
  }));
}

/** The package of ours that an import leads to, by name or by a path into its folder; null for all others. */
function ownPackage(file: string, specifier: string): string | null {
  if (specifier.startsWith(".")) return packageOf(normalize(join(dirname(file), specifier)));
  return packages.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`))?.name ?? null;
}

function packageOf(file: string): string | null {
  const found = packages.filter(({ folder }) => inside(file, folder)).sort((a, b) => b.folder.length - a.folder.length);
  return found[0]?.name ?? null;
}

function inside(file: string, folder: string): boolean {
  const path = relative(root, file);
  return path === folder || path.startsWith(`${folder}/`);
}

/** Tests, and the fixtures that only they use. */
function isTest(file: string): boolean {
  return file.endsWith(".test.ts") || file.includes("/testing/");
}

function isConformance(file: string): boolean {
  return /conformance(\.ts$|\/)/.test(file);
}

function at(file: string, line?: number): string {
  return relative(root, file) + (line === undefined ? "" : `:${line}`);
}

function lines(text: string): { text: string; number: number }[] {
  return text.split("\n").map((line, i) => ({ text: line, number: i + 1 }));
}

/** Comments become blanks, so that line numbers stay. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "))
    .replace(/(^|[\s;{}(,])\/\/[^\n]*/g, "$1");
}

function withoutStrings(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'/g, '""');
}

function walk(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name === "dist") return [];
    const path = join(dir, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

function readPackages(): Package[] {
  return ["libs", "libs/connectors", "services", "deploy"].flatMap((dir) =>
    readdirSync(join(root, dir))
      .filter((name) => statSync(join(root, dir, name)).isDirectory())
      .flatMap((name) => {
        try {
          const manifest = JSON.parse(readFileSync(join(root, dir, name, "package.json"), "utf8"));
          return [
            {
              name: manifest.name as string,
              folder: `${dir}/${name}`,
              plugin: "millrace" in manifest,
              bin: "bin" in manifest,
              private: manifest.private === true,
            },
          ];
        } catch {
          return [];
        }
      }),
  );
}
