import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ConfigProviders, openConfigProviders } from "./config-providers.ts";

const dir = mkdtempSync(join(tmpdir(), "millrace-providers-"));
after(() => rmSync(dir, { recursive: true }));
mkdirSync(join(dir, "secrets", "db"), { recursive: true });
writeFileSync(join(dir, "app.properties"), "user=app\npassword=file secret\n");
writeFileSync(join(dir, "secrets", "db", "password"), "mounted secret\n");
writeFileSync(join(dir, "outside"), "not to be read");

const PACKAGE = "org.apache.kafka.common.config.provider";
const properties = {
  "config.providers": "file, dir,env",
  "config.providers.file.class": `${PACKAGE}.FileConfigProvider`,
  "config.providers.dir.class": `${PACKAGE}.DirectoryConfigProvider`,
  "config.providers.env.class": `${PACKAGE}.EnvVarConfigProvider`,
};
const env = { TOKEN: "env secret", MILLRACE_SECRET_API_KEY_1: "variable secret" };
const providers = openConfigProviders({ properties, secretsDir: join(dir, "secrets"), env });

/** `<…>` stands for a reference. */
const ref = (text: string) => text.replaceAll("<", "${").replaceAll(">", "}");

const cases: [given: string, resolved: string][] = [
  ["plain", "plain"],
  ["", ""],
  [`<file:${dir}/app.properties:password>`, "file secret"],
  [`<file:${dir}/app.properties:user>:<file:${dir}/app.properties:password>@db`, "app:file secret@db"],
  [`<file:${dir}/app.properties:missing>`, ref(`<file:${dir}/app.properties:missing>`)],
  [`<file:${dir}/app.properties:toString>`, ref(`<file:${dir}/app.properties:toString>`)],
  ["<file::user>", ref("<file::user>")],
  [`<dir:${dir}/secrets/db:password>`, "mounted secret\n"],
  [`<dir:${dir}/secrets/db:missing>`, ref(`<dir:${dir}/secrets/db:missing>`)],
  [`<dir:${dir}/secrets:db/password>`, ref(`<dir:${dir}/secrets:db/password>`)],
  [`<dir:${dir}/secrets:db>`, ref(`<dir:${dir}/secrets:db>`)],
  [`<dir:${dir}:../outside>`, ref(`<dir:${dir}:../outside>`)],
  [`<dir:${dir}/outside:password>`, ref(`<dir:${dir}/outside:password>`)],
  [`<dir:${dir}/nowhere:password>`, ref(`<dir:${dir}/nowhere:password>`)],
  ["<env:TOKEN>", "env secret"],
  ["<env::TOKEN>", "env secret"],
  ["<env:MISSING>", ref("<env:MISSING>")],
  ["<secrets:db:password>", "mounted secret"],
  ["<secrets:api:key.1>", "variable secret"],
  ["<secrets:db:missing>", ref("<secrets:db:missing>")],
  ["<nobody:a:b>", ref("<nobody:a:b>")],
  ["<env:TOKEN> and <env:MISSING> and <env:TOKEN>", ref("env secret and <env:MISSING> and env secret")],
  ["$1 <env:TOKEN> $&", "$1 env secret $&"],
];

for (const [given, resolved] of cases) {
  test(`ConfigProviders resolves ${given.replaceAll(dir, "…") || "an empty value"}`, async () => {
    assert.deepEqual(await providers.resolve({ key: ref(given) }), { key: resolved });
  });
}

test("ConfigProviders reveals what must not be shown: the values, not the text around them", async () => {
  const { config, secrets } = await providers.reveal({ url: ref("app:<env:TOKEN>@db"), plain: "visible" });
  assert.deepEqual(config, { url: "app:env secret@db", plain: "visible" });
  assert.equal(secrets.hide("visible: app:env secret@db"), ref("visible: app:<env:TOKEN>@db"));
});

const javaClass = "org.apache.kafka.common.config.ConfigException";
const refused: [given: string, message: string][] = [
  [`<file:${dir}/nowhere:password>`, `Could not read properties from file ${dir}/nowhere`],
  ["<env:path:TOKEN>", "Path is not supported for EnvVarConfigProvider, invalid value 'path'"],
  ["<secrets:..:outside>", `The secret's path '..' leads out of ${dir}/secrets`],
  ["<secrets:db/../..:outside>", `The secret's path 'db/../..' leads out of ${dir}/secrets`],
  ["<secrets:db:../db/password>", "The secret's key '../db/password' is not a plain file name"],
];

for (const [given, message] of refused) {
  test(`ConfigProviders refuses ${given.replaceAll(dir, "…")}`, async () => {
    await assert.rejects(providers.resolve({ key: ref(given) }), { message, javaClass });
  });
}

test("ConfigProviders tells references from values", () => {
  for (const value of ["<a:b>", "<a:b:c>", "x<a:b>y"]) assert.ok(ConfigProviders.isReference(ref(value)), value);
  for (const value of ["", "a:b", "<a>", "{a:b}"]) assert.ok(!ConfigProviders.isReference(ref(value)), value);
});

test("openConfigProviders refuses a provider without a class, or of one that nobody has", () => {
  const open = (given: Record<string, string>) => () =>
    openConfigProviders({ properties: given, secretsDir: null, env: {} });
  assert.throws(open({ "config.providers": "vault" }), /config\.providers\.vault\.class is missing/);
  assert.throws(
    open({ "config.providers": "vault", "config.providers.vault.class": "com.example.Vault" }),
    /com\.example\.Vault, which Millrace doesn't have/,
  );
});

const limited = (params: Record<string, string>) =>
  openConfigProviders({ properties: { ...properties, ...params }, secretsDir: null, env });
const untouched = async (given: ConfigProviders, text: string) =>
  assert.deepEqual(await given.resolve({ key: ref(text) }), { key: ref(text) });

test("FileConfigProvider reads below allowed.paths only; the rest is as if it were not there", async () => {
  const file = `<file:${dir}/app.properties:user>`;
  const param = "config.providers.file.param.allowed.paths";
  for (const paths of [dir, `${dir}/`, `${dir}/secrets, ${dir}/app.properties`, "/"]) {
    assert.deepEqual(await limited({ [param]: paths }).resolve({ key: ref(file) }), { key: "app" }, paths);
  }
  await untouched(limited({ [param]: `${dir}/secrets` }), file);
  await untouched(limited({ [param]: `${dir}/secrets` }), `<file:${dir}/secrets/../app.properties:user>`);
  mkdirSync(join(dir, "app"));
  await untouched(limited({ [param]: `${dir}/app` }), file);
});

test("DirectoryConfigProvider reads below allowed.paths only", async () => {
  const param = "config.providers.dir.param.allowed.paths";
  const reference = `<dir:${dir}/secrets/db:password>`;
  const allowed = limited({ [param]: `${dir}/secrets` });
  assert.deepEqual(await allowed.resolve({ key: ref(reference) }), { key: "mounted secret\n" });
  await untouched(allowed, `<dir:${dir}:outside>`);
});

test("EnvVarConfigProvider reads what matches allowlist.pattern as a whole", async () => {
  const param = "config.providers.env.param.allowlist.pattern";
  assert.deepEqual(await limited({ [param]: "TOK.*" }).resolve({ key: ref("<env:TOKEN>") }), { key: "env secret" });
  await untouched(limited({ [param]: "TOK" }), "<env:TOKEN>");
  await untouched(limited({ [param]: "A|TOKE" }), "<env:TOKEN>");
  const possessive = limited({ [param]: "(?i)tok\\p{Lu}*+" });
  assert.deepEqual(await possessive.resolve({ key: ref("<env:TOKEN>") }), { key: "env secret" });
});

test("openConfigProviders refuses paths that are relative or missing, and a broken pattern", () => {
  const paths = "config.providers.file.param.allowed.paths";
  assert.throws(() => limited({ [paths]: "secrets" }), /allowed\.paths: Path secrets is not absolute/);
  assert.throws(() => limited({ [paths]: `${dir}/nowhere` }), /nowhere does not exist/);
  assert.throws(
    () => limited({ "config.providers.env.param.allowlist.pattern": "(" }),
    /no regular expression: Unclosed group/,
  );
});

test("openConfigProviders refuses times that are no numbers", () => {
  for (const name of ["ttl.ms", "reload.interval.ms"]) {
    const given = { [`config.providers.file.param.${name}`]: "1s" };
    assert.throws(() => limited(given), {
      message: `config.providers.file.param.${name} is '1s', which is no number of milliseconds`,
    });
  }
});

test("ConfigProviders reloads by what its providers say: Kafka's never, secrets every minute", async () => {
  const plan = async (params: Record<string, string>, text: string) => {
    const { reload } = await limited(params).reveal({ key: ref(text) });
    return [reload.ttlMs, reload.intervalMs];
  };
  const file = `<file:${dir}/app.properties:user>`;
  assert.deepEqual(await plan({}, "plain"), [null, null]);
  assert.deepEqual(await plan({}, `${file} <env:TOKEN>`), [null, null]);
  assert.deepEqual(await plan({}, "<secrets:api:key.1>"), [null, 60_000]);
  assert.deepEqual(await plan({ "config.providers.secrets.param.reload.interval.ms": "0" }, "<secrets:a:b>"), [
    null,
    null,
  ]);
  const both = {
    "config.providers.file.param.ttl.ms": "5000",
    "config.providers.file.param.reload.interval.ms": "700",
    "config.providers.env.param.ttl.ms": "3000",
  };
  assert.deepEqual(await plan(both, `${file} <env:TOKEN>`), [3000, 700]);
  assert.deepEqual(await plan(both, file), [5000, 700]);
});

test("ConfigProviders tells which references stand for another value now; those of no interval are not asked", async () => {
  const path = join(dir, "rotated.properties");
  writeFileSync(path, "a=1\nb=2\n");
  const given = limited({ "config.providers.file.param.reload.interval.ms": "700" });
  const a = `<file:${path}:a>`;
  const { reload } = await given.reveal({ one: ref(a), two: ref(`<file:${path}:b> <dir:${dir}/secrets/db:password>`) });
  assert.deepEqual(await reload.changed(), []);
  writeFileSync(path, "b=2\nc=3\na = one\n");
  writeFileSync(join(dir, "secrets", "db", "password"), "another");
  assert.deepEqual(await reload.changed(), [ref(a)]);
  writeFileSync(path, "b=2\n");
  assert.deepEqual(await reload.changed(), [], "gone is not changed");
  rmSync(path);
  await assert.rejects(reload.changed(), /Could not read properties from file/);
});

test("ConfigProviders may hide the worker's secrets as well", async () => {
  const { secrets } = await providers.reveal({ key: ref("<env:TOKEN>") });
  const both = await providers.alsoHiding(secrets).reveal({ key: ref("<secrets:api:key.1>") });
  assert.equal(both.secrets.hide("env secret, variable secret"), ref("<env:TOKEN>, <secrets:api:key.1>"));
});
