// Pure: dead letters of a connector. A task host reads them and sends them again, as it alone has Kafka clients.
import * as z from "zod";
import { configMap } from "./config.ts";
import { defineRequest } from "./subjects.ts";

/** Where a letter is in its topic. */
export const letterPlace = z.object({ partition: z.int().min(0), offset: z.int().min(0) });
export type LetterPlace = z.infer<typeof letterPlace>;

/** Text where the bytes are UTF-8. */
export const letterBytes = z
  .union([z.strictObject({ text: z.string() }), z.strictObject({ base64: z.string() })])
  .nullable();
export type LetterBytes = z.infer<typeof letterBytes>;

/** What the headers `__connect.errors.*` say; all null without `errors.deadletterqueue.context.headers.enable`. */
export const letterError = z.object({
  stage: z.string().nullable(),
  /** Class of the plugin that was at work. */
  executing: z.string().nullable(),
  exception: z.string().nullable(),
  message: z.string().nullable(),
});
export type LetterError = z.infer<typeof letterError>;

/** Letters of one stage, plugin and exception whose messages differ in numbers and quoted texts only. */
export const letterGroup = letterError.extend({
  id: z.string(),
  count: z.int(),
  /** How many of them were sent again. */
  replayed: z.int(),
  firstMs: z.number().nullable(),
  lastMs: z.number().nullable(),
  newest: letterPlace,
});
export type LetterGroup = z.infer<typeof letterGroup>;

export const deadLetter = letterPlace.extend({
  timestampMs: z.number().nullable(),
  group: z.string(),
  /** Sent again already: it is not sent a second time. */
  replayed: z.boolean(),
  /** What it was before; null where its headers do not tell. A source's has no partition and offset. */
  origin: z.object({ topic: z.string(), partition: z.int().nullable(), offset: z.int().nullable() }).nullable(),
  task: z.int().nullable(),
  error: letterError.extend({ trace: z.string().nullable() }),
  key: letterBytes,
  value: letterBytes,
  /** Its own, without those that tell of the error. */
  headers: z.array(z.object({ key: z.string(), value: letterBytes })),
  /** Key, value or a header was too long to be shown whole. */
  cut: z.boolean(),
});
export type DeadLetter = z.infer<typeof deadLetter>;

/** Only the newest letters are looked at, 20,000 at most. INVALID when the connector has no dead letter queue. */
export const deadLetterGroups = defineRequest(
  "runner.dead-letters.groups",
  z.object({ connector: z.string(), config: configMap }),
  z.object({
    topic: z.string(),
    letters: z.int(),
    /** There are older ones that were not looked at. */
    more: z.boolean(),
    /** Most letters first; at most 200. */
    groups: z.array(letterGroup),
  }),
);

/** Newest first. */
export const deadLetterList = defineRequest(
  "runner.dead-letters.list",
  z.object({
    connector: z.string(),
    config: configMap,
    group: z.string().nullable(),
    skip: z.int().min(0),
    limit: z.int().min(1).max(100),
  }),
  z.object({ topic: z.string(), letters: z.array(deadLetter), more: z.boolean() }),
);

/** A key or value that is not given stays as it is. */
export const letterEdit = letterPlace.extend({ key: letterBytes.optional(), value: letterBytes.optional() });
export type LetterEdit = z.infer<typeof letterEdit>;

export const letterChoice = z.union([
  z.strictObject({ letters: z.array(letterEdit).min(1).max(1_000) }),
  z.strictObject({ group: z.string() }),
  z.strictObject({ all: z.literal(true) }),
]);
export type LetterChoice = z.infer<typeof letterChoice>;

export const replayTarget = z.enum(["topic", "connector"]);
export type ReplayTarget = z.infer<typeof replayTarget>;

/**
 * Sends letters again, each once: what was sent is noted in the topic `<dead letter topic>.replayed`. To their topics in the
 * transaction that notes it; to the connector itself, a sink, by a task of its own that writes these records only, and then
 * notes it. INVALID for what cannot be replayed; nothing was sent then.
 */
export const deadLetterReplay = defineRequest(
  "runner.dead-letters.replay",
  z.object({
    connector: z.string(),
    config: configMap,
    /** Of one of its tasks; null when it has none. */
    taskConfig: configMap.nullable(),
    to: replayTarget,
    choice: letterChoice,
  }),
  z.object({
    replayed: z.int(),
    /** Chosen, and sent before. */
    already: z.int(),
    /** Could not be sent; still dead letters. At most 100 of them. */
    failed: z.array(letterPlace.extend({ message: z.string() })),
  }),
);
