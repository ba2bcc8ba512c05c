// Every recorded change data scenario against Millrace, with servers of its own unless the environment names some.
//   npm run test:cdc -- [scenario …]     e.g. types-text 'unwrap-*'
// The last line is "N passed, N failed"; exit code 1 when anything failed.
import { startStack } from "../../deploy/dev/stack.ts";
import { StandaloneFixture } from "../e2e/standalone-fixture.ts";
import { runCdcKit } from "./cdc-kit.ts";

const only = process.argv.slice(2);
const stack = await startStack({ kafka: true, postgres: true });
const fixture = new StandaloneFixture("cdc");
try {
  const { KAFKA_BOOTSTRAP_SERVERS: kafka, DATABASE_URL: postgres } = stack.env;
  const { rest } = await fixture.start({
    properties: {
      "bootstrap.servers": kafka!,
      "key.converter": "org.apache.kafka.connect.json.JsonConverter",
      "value.converter": "org.apache.kafka.connect.json.JsonConverter",
      "connector.client.config.override.policy": "All",
    },
  });
  const { code } = await runCdcKit({
    rest: rest.url,
    kafka: kafka!,
    postgres: postgres!,
    ...(only.length === 0 ? {} : { only }),
    jobs: 4,
    dir: fixture.dir,
    onOutput: (text) => process.stdout.write(text),
  });
  process.exitCode = code ?? 1;
} finally {
  await fixture.close();
  await stack.stop();
}
