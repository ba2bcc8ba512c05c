// Acceptance suites for authors of plugins, by hand: one line in a test file registers one suite of node tests.
//   testTransformation(redactEmails, { config: { fields: "email" } });
export type { ConverterSample } from "./converter-checks.ts";
export { type ConverterOptions, testConverter, testHeaderConverter } from "./test-converter.ts";
export { type PredicateOptions, testPredicate } from "./test-predicate.ts";
export { type SinkOptions, testSink } from "./test-sink.ts";
export { type SourceOptions, testSource } from "./test-source.ts";
export { type TransformationOptions, testTransformation } from "./test-transformation.ts";
