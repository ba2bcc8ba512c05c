// Pure: every key the sink can be configured with.
import { ConfigDef } from "@millrace/connect";
import { connectorKeys } from "./connector-keys.ts";
import { conversionKeys, dataStreamKeys } from "./conversion-keys.ts";
import { kerberosKeys, proxyKeys, securityKeys } from "./security-keys.ts";

export const elasticsearchConfigDef = new ConfigDef();
for (const [group, keys] of [
  ["Connector", connectorKeys],
  ["Data Conversion", conversionKeys],
  ["Proxy", proxyKeys],
  ["Security", securityKeys],
  ["Kerberos", kerberosKeys],
  ["Data Stream", dataStreamKeys],
] as const) {
  for (const [i, key] of keys.entries()) elasticsearchConfigDef.define({ ...key, group, orderInGroup: i + 1 });
}
