#!/usr/bin/env node
// Set-up: brings a fresh clone to where demo and tests run. Plain Node: it runs before node_modules exists.
//   node deploy/dev/setup.mjs [--only | --without npm,addon,sqlite,kafka,nats,postgres,mariadb,prometheus,chromium,elasticsearch]
// Each step asks "already there?" first, so a second run takes a moment and touches nothing.
import { parseArgs } from "node:util";
import { chromium } from "./setup/chromium.mjs";
import { SetupError } from "./setup/command.mjs";
import { elasticsearch } from "./setup/elasticsearch.mjs";
import { kafkaAddon } from "./setup/kafka-addon.mjs";
import { kafkaJars } from "./setup/kafka-jars.mjs";
import { mariadbServer } from "./setup/mariadb-server.mjs";
import { natsServer } from "./setup/nats-server.mjs";
import { npmPackages } from "./setup/npm-packages.mjs";
import { postgresBinaries } from "./setup/postgres-binaries.mjs";
import { prometheusServer } from "./setup/prometheus-server.mjs";
import { sqliteAddon } from "./setup/sqlite-addon.mjs";
import { runAsScript, setUp } from "./setup/steps.mjs";

// `givenBy` names the variable that gives a server of the user's own instead.
const allSteps = [
  npmPackages,
  kafkaAddon,
  sqliteAddon,
  kafkaJars,
  natsServer,
  postgresBinaries,
  mariadbServer,
  prometheusServer,
  chromium,
  elasticsearch,
];

function chooseSteps({ only, without }) {
  const names = only?.split(",");
  const left = without?.split(",") ?? [];
  const unknown = [...(names ?? []), ...left].find((name) => !allSteps.some((step) => step.name === name));
  if (unknown !== undefined) {
    throw new SetupError(`there is no step "${unknown}"`, {
      whatToDo: `choose from ${allSteps.map((step) => step.name).join(",")}`,
    });
  }
  const wanted = allSteps.filter((step) => (names ? names.includes(step.name) : !process.env[step.givenBy ?? ""]));
  return wanted.filter((step) => !left.includes(step.name));
}

runAsScript(async () => {
  const { values } = parseArgs({ options: { only: { type: "string" }, without: { type: "string" } } });
  await setUp(chooseSteps(values));
});
