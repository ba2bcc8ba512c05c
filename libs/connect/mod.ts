// The public surface of the data model and connector SDK, by hand: values first, then types.

export type {
  ConfigDefinitionInfo,
  ConfigImportance,
  ConfigKey,
  ConfigKeyDefinition,
  ConfigProps,
  ConfigRecommender,
  ConfigValue,
  ConfigValueInfo,
  ConfigWidth,
} from "./config-def.ts";
export { ConfigDef, configDefinitionInfo, configValueInfo } from "./config-def.ts";
export type { EmbeddedConfig } from "./config-embed.ts";
export type { ConfigType } from "./config-type.ts";
export { configText, invalidValue, parseConfigType } from "./config-type.ts";
export type { ConfigValidator } from "./config-validators.ts";
export {
  CaseInsensitiveValidString,
  composite,
  ListSize,
  lambda,
  NonEmptyString,
  NonEmptyStringWithoutControlChars,
  NonNull,
  Range,
  ValidList,
  ValidString,
} from "./config-validators.ts";
export type { Converter, HeaderConverter, Predicate, SchemaAndValue, Transformation } from "./converter.ts";
export { BoxedNumber, Float32, Float64, Int8, Int16, Int32 } from "./data/boxed-number.ts";
export { asJavaObject } from "./data/boxed-value.ts";
export { nearestFloat32 } from "./data/decimal.ts";
export { dataEquals, mapOf } from "./data/equality.ts";
export { compactInt64, doubleToInt64, fitsInt64, INT64_MAX, INT64_MIN } from "./data/int64.ts";
export { javaClassName, javaClassOf } from "./data/java-class.ts";
export { ConnectDate, Decimal, Time, Timestamp } from "./data/logical.ts";
export type { MapData } from "./data/map-data.ts";
export { entriesOf, isMap } from "./data/map-data.ts";
export { doubleText, floatText } from "./data/number-text.ts";
export type { PackedField, PackedForm, PackedLayout, PackedRow } from "./data/packed-row.ts";
export type { Field, SchemaProperties, SchemaType } from "./data/schema.ts";
export { Schema } from "./data/schema.ts";
export { SchemaBuilder } from "./data/schema-builder.ts";
export { SchemaProjector } from "./data/schema-projector.ts";
export { Struct } from "./data/struct.ts";
export { isInstance, validateValue } from "./data/validate-value.ts";
export { valueText } from "./data/value-text.ts";
export { Values } from "./data/values.ts";
export type { ConfigKeys, ConfigOf, PluginDescription } from "./define-config.ts";
export type { SinkDefinition, SinkRun, SinkStart } from "./define-sink.ts";
export { defineSink } from "./define-sink.ts";
export type { SourceDefinition, SourcePartition, SourceRun } from "./define-source.ts";
export { defineSource } from "./define-source.ts";
export type { SourceItem } from "./define-source-reader.ts";
export type { TransformDefinition } from "./define-transform.ts";
export { defineTransform } from "./define-transform.ts";
export type { ConnectErrorOptions } from "./errors.ts";
export {
  ClassCastError,
  ConfigError,
  ConnectError,
  DataError,
  IllegalArgumentError,
  IllegalStateError,
  IndexOutOfBoundsError,
  isConnectError,
  isRetriable,
  NullPointerError,
  NumberFormatError,
  RetriableError,
  SchemaBuilderError,
  SchemaProjectorError,
  SerializationError,
} from "./errors.ts";
export type { ConnectHeader, HeaderTransform, RecordHeader } from "./headers.ts";
export { ConnectHeaders } from "./headers.ts";
export { Password } from "./password.ts";
export { PerSchema } from "./per-schema.ts";
export type {
  CleansUp,
  ConfigProblem,
  ConverterPlugin,
  DeletionContext,
  HeaderConverterPlugin,
  Plugin,
  PluginType,
  PredicatePlugin,
  SinkPlugin,
  SourcePlugin,
  TransformationPlugin,
} from "./plugin.ts";
export { definePlugin } from "./plugin.ts";
export type { PluginGauge, PluginMetrics, PluginSeries } from "./plugin-metrics.ts";
export { noMetrics } from "./plugin-metrics.ts";
export type {
  ConnectRecord,
  OffsetMap,
  OffsetValue,
  RecordMetadata,
  SinkRecord,
  SourceRecord,
} from "./record.ts";
export type {
  ErrantRecordReporter,
  SinkConnector,
  SinkOffset,
  SinkTask,
  SinkTaskContext,
  SinkTopicPartition,
} from "./sink.ts";
export type {
  ConnectorContext,
  Logger,
  OffsetReader,
  PluginContext,
  SourceConnector,
  SourceTask,
  SourceTaskContext,
  TaskConfig,
  TransactionContext,
} from "./source.ts";
export { STRICT_NUMBERS_KEY } from "./strict-numbers.ts";
export type { OpenTopic, TopicReader, TopicRecord } from "./topic-reader.ts";
export { regexProblem, ValidRegex } from "./valid-regex.ts";
