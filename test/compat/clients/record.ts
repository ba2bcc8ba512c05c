// Writes down what the clients print against a real Kafka Connect on this machine:
//   node test/compat/clients/install.mjs && node --import tsx test/compat/clients/record.ts http://127.0.0.1:8083
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clients, drive, expectedFile } from "./drive.ts";

const base = process.argv[2]!;
const dir = mkdtempSync(join(tmpdir(), "rest-clients-"));
for (const client of clients) {
  const printed = await drive(client, base, dir, `record${process.pid}`);
  writeFileSync(expectedFile(client), printed);
  console.log(`${client.name}: ${printed.split("\n").length - 1} lines`);
}
rmSync(dir, { recursive: true });
