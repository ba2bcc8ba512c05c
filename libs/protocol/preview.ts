// Pure: a connector tried out on a few real records, without writing any.
import * as z from "zod";
import { submittedConfig } from "./config.ts";
import { letterBytes } from "./dead-letters.ts";
import { defineRequest } from "./subjects.ts";

/** A record between two steps. Values as JSON text, schemas as short texts, both cut at some length. */
export const previewRecord = z.object({
  topic: z.string(),
  /** Of a sink; of a source where it chooses one. */
  partition: z.int().nullable(),
  /** Of a sink. */
  offset: z.int().nullable(),
  timestampMs: z.number().nullable(),
  key: z.string(),
  keySchema: z.string().nullable(),
  value: z.string(),
  valueSchema: z.string().nullable(),
  headers: z.array(z.object({ key: z.string(), value: z.string() })),
  /** Of a source. */
  sourcePartition: z.string().nullable(),
  sourceOffset: z.string().nullable(),
});
export type PreviewRecord = z.infer<typeof previewRecord>;

/** As Kafka has it. */
export const previewBytes = z.object({
  topic: z.string(),
  partition: z.int().nullable(),
  key: letterBytes,
  value: letterBytes,
  headers: z.array(z.object({ key: z.string(), value: letterBytes })),
});
export type PreviewBytes = z.infer<typeof previewBytes>;

/** One stage of one record; a step with neither record, bytes nor error dropped it. After an error or a drop there are no more. */
export const previewStep = z.object({
  stage: z.enum(["poll", "consume", "convert", "transform"]),
  /** Of a transform. */
  alias: z.string().nullable(),
  /** Of the plugin at work. */
  class: z.string().nullable(),
  /** False: a predicate kept the transform from being applied. */
  applied: z.boolean(),
  record: previewRecord.nullable(),
  bytes: previewBytes.nullable(),
  error: z.string().nullable(),
});
export type PreviewStep = z.infer<typeof previewStep>;

/**
 * Polls a source, from its committed offsets on, or reads the newest records of a sink's topics, and takes them through
 * transforms and converters. Nothing is written, no offset moves and the connector that runs, if it does, is not touched.
 * INVALID for a configuration with errors, and for a source whose polling leaves traces outside.
 */
export const preview = defineRequest(
  "runner.preview",
  z.object({ connector: z.string(), config: submittedConfig, records: z.int().min(1).max(50) }),
  z.object({
    type: z.enum(["source", "sink"]),
    records: z.array(z.object({ steps: z.array(previewStep) })),
    /** Why there are no more: as many as asked for, no others within the time, or too long for one answer. */
    ended: z.enum(["records", "time", "size"]),
  }),
);
