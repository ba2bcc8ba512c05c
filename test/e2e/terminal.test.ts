import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { RestClient } from "../../deploy/prove/rest-client.ts";
import type { Service } from "../../deploy/prove/service-process.ts";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "./standalone-fixture.ts";
import { Terminal, type TerminalOptions } from "./terminal.ts";

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const ENTER_SCREEN = "\x1b[?1049h\x1b[?25l";
const LEAVE_SCREEN = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";

const fixture = new StandaloneFixture("terminal");
let rest: RestClient;
let service: Service;
after(() => fixture.close());

before(async () => {
  ({ rest, service } = await fixture.start({
    properties: {
      "bootstrap.servers": sharedServer("KAFKA_BOOTSTRAP_SERVERS"),
      "key.converter": "org.apache.kafka.connect.storage.StringConverter",
      "value.converter": "org.apache.kafka.connect.storage.StringConverter",
      "offset.storage.topic": `${fixture.run}-offsets`,
    },
  }));
});

const longName = "a-connector-whose-name-takes-more-room-than-a-narrow-terminal-has-for-all-of-its-columns";

function open(line: string, options: Partial<TerminalOptions> = {}): Terminal {
  return new Terminal(line, { columns: 80, env: { MILLRACE_URL: rest.url }, ...options });
}

async function create(name: string): Promise<void> {
  const file = fixture.write(`${name}.txt`, "one\ntwo\n");
  const config = { "connector.class": "FileStreamSource", file, topic: `${fixture.run}-${name}` };
  await rest.insist("PUT", `/connectors/${name}/config`, config);
  await until(`${name} runs`, () => rest.isIn("RUNNING", name, 1));
}

async function exists(name: string): Promise<boolean> {
  return (await rest.ask("GET", `/connectors/${name}`)).status === 200;
}

/** What one drawing shows, without the escape sequences that place it. */
function drawings({ output }: Terminal): string[][] {
  const [, ...drawn] = output.split(HOME);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
  return drawn.map((text) => text.replace(/\x1b\[[?\d;]*[A-Za-z]/g, "").split(/\r?\n/));
}

test("delete asks on a terminal, and does as it is told", async () => {
  await create("asked");
  for (const [keys, code] of [
    ["n\r", 1],
    ["\r", 1],
    [CTRL_D, 1],
    [CTRL_C, 130],
  ] as const) {
    const terminal = open("delete asked");
    await terminal.shows(/Delete asked\? Offsets stay\. \[y\/N\] /);
    terminal.type(keys);
    assert.equal(await terminal.ended, code, terminal.output);
    assert.match(terminal.output, /nothing was done/i);
    assert.doesNotMatch(terminal.output, /Warning/);
    assert.ok(await exists("asked"));
  }
  const terminal = open("delete asked");
  await terminal.shows(/\[y\/N\] /);
  terminal.type("y\r");
  assert.equal(await terminal.ended, 0, terminal.output);
  assert.match(terminal.output, /asked: deleted/);
  assert.equal(await exists("asked"), false);
});

test("delete --yes does not ask", async () => {
  await create("unasked");
  const terminal = open("delete unasked --yes");
  assert.equal(await terminal.ended, 0, terminal.output);
  assert.doesNotMatch(terminal.output, /\[y\/N\]/);
});

test("logs -f prints lines as they come, until Ctrl-C", async () => {
  await create("followed");
  const terminal = open("logs followed -f --lines 5");
  await rest.insist("PUT", "/connectors/followed/config", {
    "connector.class": "FileStreamSource",
    file: `${fixture.dir}/absent-on-purpose.txt`,
    topic: `${fixture.run}-followed`,
  });
  await terminal.shows(/WARN .*\[task 0\] File not found; waiting for it to be created\./);
  const seen = terminal.output.length;
  await terminal.shows(/File not found; waiting for it to be created\./, seen);
  terminal.type(CTRL_C);
  assert.equal(await terminal.ended, 130, terminal.output);
  assert.doesNotMatch(terminal.output, /Warning|Error:|at .*\.js/);
});

for (const columns of [80, 120]) {
  test(`top redraws a terminal of ${columns} columns without a wrapped line, and leaves it as it was`, async () => {
    await create("short");
    await create(longName);
    const terminal = open("top --interval 0.5", { columns });
    const count = () => terminal.output.split(HOME).length - 1;
    await until("it was drawn four times", () => count() >= 4, 30_000);
    terminal.type("x");
    terminal.type(columns === 80 ? "q" : CTRL_C);
    assert.equal(await terminal.ended, 0, terminal.output);
    const { output } = terminal;
    assert.ok(output.startsWith(ENTER_SCREEN), JSON.stringify(output.slice(0, 40)));
    assert.ok(output.trimEnd().endsWith(LEAVE_SCREEN), JSON.stringify(output.slice(-40)));
    for (const lines of drawings(terminal)) {
      assert.ok(lines.length <= 24, lines.join("\n"));
      for (const line of lines) assert.ok(line.length <= columns, line);
      assert.match(lines[0]!, /^\d\d:\d\d:\d\d {2}\d+ connectors, \d+ running, 0 failed/);
      assert.match(lines[2]!, columns === 80 ? /^CONNECTOR +STATE/ : /^CONNECTOR +TYPE +STATE +TASKS/);
      assert.ok(lines.some((line) => /^short +.*RUNNING/.test(line)));
      assert.ok(lines.some((line) => /^a-connector-whose-name.*… +.*RUNNING/.test(line)));
    }
  });
}

test("top waits for a server that is away, and logs -f says that the connection is lost", async () => {
  await create("lost");
  const watching = open("top --interval 0.5", { columns: 120 });
  await rest.insist("PUT", "/connectors/lost/config", {
    "connector.class": "FileStreamSource",
    file: `${fixture.dir}/absent-on-purpose.txt`,
    topic: `${fixture.run}-lost`,
  });
  const following = open("logs lost -f");
  await watching.shows(/lost/);
  await following.shows(/File not found/);
  await service.kill("SIGKILL");
  assert.equal(await following.ended, 4, following.output);
  assert.match(following.output, /millrace logs: http:\/\/127\.0\.0\.1:\d+ ended the connection: start again to go on/);
  await watching.shows(/asking again: nobody answers at /);
  const seen = watching.output.length;
  await service.restart();
  await watching.shows(/q ends/, seen);
  watching.type("q");
  assert.equal(await watching.ended, 0, watching.output);
});
