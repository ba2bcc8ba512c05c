import { testDialect } from "./testing/dialect-conformance.ts";
import { testServers } from "./testing/test-servers.ts";

for (const server of testServers) await testDialect(server);
