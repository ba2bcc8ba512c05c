import { offsetsGet } from "@millrace/protocol";
import type { Ask } from "../ask.ts";
import { json, type Resource } from "../resource.ts";
import { getConnector } from "./connectors.ts";

export function offsetRoutes({ ask }: { ask: Ask }): Resource[] {
  return [
    {
      path: "/connectors/:connector/offsets",
      methods: {
        async GET(call) {
          const { name, config } = await getConnector(ask, call);
          const { offsets } = await ask(offsetsGet, { connector: name, config }, { signal: call.signal });
          return json({ offsets });
        },
      },
    },
  ];
}
