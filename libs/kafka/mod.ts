export type {
  Admin,
  ClientConfig,
  ConsumedRecord,
  Consumer,
  KafkaClient,
  NewTopic,
  Producer,
  RebalanceListener,
  RecordHeader,
  TopicPartition,
  TopicPartitionOffset,
  TransactionalProducer,
} from "./client.ts";
export { type CompactedTopic, type CompactedTopicOptions, openCompactedTopic } from "./compacted-topic.ts";
export { isKafkaError, KafkaError, type KafkaErrorKind } from "./errors.ts";
