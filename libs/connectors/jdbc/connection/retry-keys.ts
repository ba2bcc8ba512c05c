// Pure: how often a database is tried, in source and sink alike.
import { Range } from "@millrace/connect";
import type { Entry } from "../config-checks.ts";

export const connectionRetryKeys: readonly Entry[] = [
  {
    name: "connection.attempts",
    type: "INT",
    default: 3,
    validator: Range.atLeast(1),
    importance: "LOW",
    documentation: "How many times to try to connect before failing.",
    width: "SHORT",
    displayName: "JDBC connection attempts",
  },
  {
    name: "connection.backoff.ms",
    type: "LONG",
    default: 10_000,
    validator: Range.atLeast(0),
    importance: "LOW",
    documentation: "Milliseconds to wait between attempts to connect.",
    width: "SHORT",
    displayName: "JDBC connection backoff in milliseconds",
  },
];
