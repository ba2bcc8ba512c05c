import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "../../deploy/dev/setup/chromium.mjs";
import { checkoutDir } from "../../deploy/dev/setup/places.mjs";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

const bootstrapServers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
const fixture = new StandaloneFixture("console");
let browser: Browser | null = null;
after(async () => {
  await browser?.close();
  await fixture.close();
});

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Where pictures for the README go; unset: nowhere. */
const shotsDir = process.env.MILLRACE_SHOTS_DIR;

interface Axe {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }>;
}

/** What reaches beyond the right edge, and does not scroll by itself. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const beyond = [...document.querySelectorAll("main *")].filter((each) => {
      return each.getBoundingClientRect().right > window.innerWidth + 1 && each.closest(".scroll, .lines") === null;
    });
    return beyond.map((each) => each.outerHTML.slice(0, 120));
  });
}

/** Nothing serious, in light and dark, at desk and phone width. */
async function assertAccessible(page: Page, what: string): Promise<void> {
  const before = page.viewportSize()!;
  for (const [width, colorScheme] of [
    [before.width, "light"],
    [390, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height: before.height });
    await page.emulateMedia({ colorScheme });
    // Plots follow the width a moment later.
    await until(`${what} fits into ${width} px`, async () => (await tooWide(page)).length === 0, 5_000).catch(
      async (cause) => {
        throw new Error(`too wide: ${(await tooWide(page)).join("\n")}`, { cause });
      },
    );
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => (window as unknown as { axe: Axe }).axe.run());
    const serious = violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    assert.deepEqual(serious, [], `${what} at ${width} px, ${colorScheme}`);
  }
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light" });
}

async function shoot(page: Page, name: string): Promise<void> {
  if (shotsDir !== undefined) await page.screenshot({ path: join(shotsDir, `${name}.png`) });
}

test("an operator creates, breaks, mends, rolls back and replays in the console", { timeout: 300_000 }, async () => {
  mkdirSync(join(fixture.dir, "data"), { recursive: true });
  const input = fixture.write("in.txt", '{"n":1}\n{"n":\n{"n":2}\n');
  const output = join(fixture.dir, "out.txt");
  const topic = `${fixture.run}-numbers`;
  const converter = "org.apache.kafka.connect.storage.StringConverter";
  const { rest } = await fixture.start({
    properties: {
      "bootstrap.servers": bootstrapServers,
      "key.converter": converter,
      "value.converter": converter,
      "offset.flush.interval.ms": "200",
      "offset.storage.topic": `${fixture.run}-offsets`,
    },
  });
  browser = await chromium.launch({ executablePath: findChromium()!, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => void dialog.accept());
  const open = (path: string) => page.goto(`${rest.url}/ui/#/${path}`);
  const click = (name: string | RegExp) =>
    page
      .getByRole("button", { name, exact: typeof name === "string" })
      .first()
      .click();

  await open("");
  await page.getByText("There is no connector yet.").waitFor();
  await page.getByRole("link", { name: "Make the first one." }).click();

  // Create it in the form.
  await page.getByLabel("Name", { exact: true }).fill("numbers");
  await page.getByLabel("Class").selectOption({ label: "org.apache.kafka.connect.file.FileStreamSourceConnector" });
  await page.getByText("1 setting is wrong").waitFor();
  await page.getByLabel("topic", { exact: true }).fill(topic);
  await page.getByLabel("file", { exact: true }).fill(input);
  await page.getByText("Valid", { exact: true }).waitFor();
  await page.getByLabel("Add a transform").selectOption({ label: "InsertHeader" });
  await click("Add");
  await page.getByLabel("header", { exact: true }).fill("via");
  await page.getByLabel("value.literal", { exact: true }).fill("console");
  await page.getByText("Valid", { exact: true }).waitFor();
  assert.match(await page.getByLabel("Configuration").inputValue(), /"transforms\.insertHeader\.header": "via"/);
  await click("Preview records");
  await page.getByText('{"n":1}').first().waitFor();
  await page.getByText("transform insertHeader").first().waitFor();
  await assertAccessible(page, "the form");
  await shoot(page, "form");
  await click("Create connector");

  // See it run.
  await page.getByRole("heading", { name: /numbers/ }).waitFor();
  await page.locator("td .state.running").waitFor();
  await page.getByText(`Topics: ${topic}`).waitFor({ timeout: 30_000 });
  await assertAccessible(page, "the connector");

  // Break it by JSON, read the trace, roll back.
  await page.getByRole("link", { name: "Edit" }).first().click();
  await page.getByLabel("Class").waitFor();
  const config = JSON.parse(await page.getByLabel("Configuration").inputValue()) as Record<string, string>;
  await page.getByLabel("Configuration").fill(JSON.stringify({ ...config, file: fixture.dir }));
  await click("Save configuration");
  await page
    .getByText(/EISDIR/)
    .first()
    .waitFor({ timeout: 30_000 });
  await shoot(page, "trace");
  await page.getByRole("link", { name: "Configuration" }).click();
  await page.getByText(/^Version 1/).click();
  await assertAccessible(page, "the history");
  await shoot(page, "history");
  await click("Roll back to version 1");
  await page.getByText(/^Version 3.*\(current\)/).waitFor();
  await page.getByRole("link", { name: "Status" }).click();
  await page.locator("td .state.running").waitFor({ timeout: 30_000 });

  // Offsets: only while it is stopped; undone again.
  await page.getByRole("link", { name: "Offsets" }).click();
  await page.getByText('{"position":').first().waitFor({ timeout: 30_000 });
  const whole = await page.locator("td code").nth(1).textContent();
  await click("Stop it");
  await page.locator("h1 .state.stopped").waitFor();
  await until("offsets can be edited", async () => page.getByRole("button", { name: "Edit" }).isEnabled());
  await click("Edit");
  await page.getByLabel("Offset, as JSON").fill('{"position":0}');
  await click("Save offset");
  await page.getByText("altered successfully").waitFor({ timeout: 30_000 });
  await page.getByText('{"position":0}', { exact: true }).waitFor();
  await assertAccessible(page, "the offsets");
  await click("Undo the last change");
  await page.getByText(whole!, { exact: true }).waitFor({ timeout: 30_000 });
  await click("Resume");

  // A dead letter, mended and replayed.
  const sink = {
    "connector.class": "FileStreamSink",
    topics: topic,
    file: output,
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
    "errors.tolerance": "all",
    "errors.deadletterqueue.topic.name": `${topic}-dlq`,
    "errors.deadletterqueue.topic.replication.factor": "1",
    "errors.deadletterqueue.context.headers.enable": "true",
  };
  assert.equal((await rest.insist("PUT", "/connectors/sink/config", sink)).status, 201);
  await open("connectors/sink/dead-letters");
  await page
    .getByText(/DataException/)
    .first()
    .waitFor({ timeout: 30_000 });
  await click("Show records");
  await page
    .getByText(/value {2}\{"n":$/m)
    .first()
    .waitFor();
  await assertAccessible(page, "dead letters");
  await shoot(page, "dead-letters");
  await page.getByLabel("Replay to").selectOption("connector");
  await click("Edit and replay");
  await page.getByLabel("Value", { exact: true }).fill('{"n":17}');
  await click("Replay changed");
  await page.getByText("1 sent, 0 sent before").waitFor({ timeout: 30_000 });
  await until("the mended record is written", async () => readFileSync(output, "utf8").includes("{n=17}"));

  await page.getByRole("link", { name: "Logs" }).click();
  await page
    .getByRole("log")
    .getByText(/INFO|WARN|ERROR/)
    .first()
    .waitFor({ timeout: 30_000 });
  for (const [path, text] of [
    ["runners", "Processors in use"],
    ["plugins", "Transformations"],
  ] as const) {
    await open(path);
    await page.getByText(text).first().waitFor();
    await assertAccessible(page, path);
  }
  appendFileSync(input, '{"n":5}\n');
  await open("");
  await page.getByRole("link", { name: "numbers" }).waitFor();
  await assertAccessible(page, "the overview");
  await shoot(page, "overview");
  await page.reload();
  await page.getByRole("link", { name: "numbers" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to content");
  await showsThousands(page);
  assert.deepEqual(complaints, []);
});

/** The overview of a large cluster: answers are made up here, as such a cluster would take minutes to start. */
async function showsThousands(page: Page): Promise<void> {
  await page.route("**/millrace/v1/metrics*", async (route) => {
    const body = (await (await route.fetch()).json()) as { connectors: Record<string, unknown>[] };
    const connectors = Array.from({ length: 2_000 }, (_, n) => ({ ...body.connectors[0], name: `c${n}` }));
    await route.fulfill({ json: { ...body, connectors } });
  });
  await page.getByText("2000 of 2000").waitFor();
  assert.equal(await page.locator("tbody tr").count(), 50);
  await page.getByLabel("Filter").fill("c199");
  await page.getByText("11 of 2000").waitFor();
  await page.getByLabel("Filter").fill("");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("Page 2 of 40").waitFor();
}

test("the console takes at most 200 kB at first load", async () => {
  const { gzipSync } = await import("node:zlib");
  const sizes = ["index.html", "app.js", "app.css", "icon.svg"].map((name) => {
    return gzipSync(readFileSync(join(checkoutDir, "dist/ui", name))).length;
  });
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 200_000);
});
