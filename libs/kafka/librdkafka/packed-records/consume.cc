// The addon makes half a dozen objects of each message it has read, on JavaScript's thread, which costs two microseconds.
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <nan.h>

#include "handle.h"
#include "rdkafka.h"
#include "src/kafka-consumer.h"

namespace millrace {
namespace {

/** A row of the table that `consume` gives for each record, and for each end of a partition. */
enum Column { kIsEnd, kTopic, kPartition, kOffset, kTimestampMs, kTimestampType, kKeyBytes, kValueBytes, kHeadersBytes, kColumns };

/** Records of one read: the rows, and the bytes that they tell the lengths of, one behind the other. */
class Packed {
 public:
  void Add(const rd_kafka_message_t* message) {
    const size_t row = rows.size();
    rows.resize(row + kColumns);
    double* columns = &rows[row];
    columns[kIsEnd] = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    columns[kTopic] = TopicOf(message);
    columns[kPartition] = message->partition;
    columns[kOffset] = static_cast<double>(message->offset);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    rd_kafka_timestamp_type_t type;
    columns[kTimestampMs] = static_cast<double>(rd_kafka_message_timestamp(message, &type));
    columns[kTimestampType] = type;
    columns[kKeyBytes] = Append(message->key, message->key_len);
    columns[kValueBytes] = Append(message->payload, message->len);
    columns[kHeadersBytes] = AppendHeaders(message);
  }

  void Clear() {
    rows.clear();
    topics.clear();
    bytes.clear();
  }

  std::vector<double> rows;
  std::vector<std::string> topics;
  std::vector<char> bytes;

 private:
  /** Records of a topic come in runs. */
  double TopicOf(const rd_kafka_message_t* message) {
    const char* name = rd_kafka_topic_name(message->rkt);
    if (topics.empty() || topics.back() != name) topics.emplace_back(name);
    return static_cast<double>(topics.size() - 1);
  }

  /** @returns how many, -1 for null. */
  double Append(const void* data, size_t length) {
    if (data == nullptr) return -1;
    const char* from = static_cast<const char*>(data);
    bytes.insert(bytes.end(), from, from + length);
    return static_cast<double>(length);
  }

  void AppendPart(const void* data, size_t length) {
    const int32_t told = data == nullptr ? -1 : static_cast<int32_t>(length);
    Append(&told, sizeof told);
    Append(data, length);
  }

  double AppendHeaders(const rd_kafka_message_t* message) {
    rd_kafka_headers_t* headers;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
    const size_t start = bytes.size();
    const char* name;
    const void* value;
    size_t length;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &length) == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
      AppendPart(name, strlen(name));
      AppendPart(value, length);
    }
    return static_cast<double>(bytes.size() - start);
  }
};

/**
 * Used again by the next read that finds something: each of libuv's many threads would otherwise keep, in its own part of the
 * heap, what it has once needed.
 */
class Scratch {
 public:
  static std::unique_ptr<Packed> Take() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (kept_.empty()) return std::make_unique<Packed>();
    std::unique_ptr<Packed> packed = std::move(kept_.back());
    kept_.pop_back();
    return packed;
  }

  static void GiveBack(std::unique_ptr<Packed> packed) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (kept_.size() >= kKeptMax || packed->bytes.capacity() > kKeptBytesMax) return;
    packed->Clear();
    kept_.push_back(std::move(packed));
  }

 private:
  static constexpr size_t kKeptMax = 2;
  static constexpr size_t kKeptBytesMax = 4 << 20;
  static inline std::mutex mutex_;
  static inline std::vector<std::unique_ptr<Packed>> kept_;
};

/** The copy is V8's to free. */
template <class Item>
v8::Local<v8::Object> BufferOf(const std::vector<Item>& items) {
  return Nan::CopyBuffer(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(Item)).ToLocalChecked();
}

/** One read, on a thread of libuv's. It waits for the first record only; after that for what is there, which takes a millisecond. */
class Read : public Nan::AsyncWorker {
 public:
  Read(v8::Local<v8::Object> handle, int timeout_ms, double records_max, double bytes_max, Nan::Callback* done)
      : AsyncWorker(done, "millrace:read"),
        handle_(Handle<NodeKafka::KafkaConsumer>::Of(handle)),
        timeout_ms_(timeout_ms),
        records_max_(records_max),
        bytes_max_(bytes_max) {
    // As long as somebody reads from it, it must not be collected.
    SaveToPersistent("handle", handle);
  }

  void Execute() override {
    int timeout_ms = timeout_ms_;
    for (double records = 0; records < records_max_ && BytesRead() < bytes_max_; timeout_ms = kReadyMs) {
      const auto poll = [&](rd_kafka_t* client) { return rd_kafka_consumer_poll(client, timeout_ms); };
      rd_kafka_message_t* message = handle_->With<rd_kafka_message_t*>(nullptr, poll);
      if (message == nullptr) return;
      const bool is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
      const bool is_failure = message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !is_end;
      if (is_failure) Fail(message);
      else Keep(message);
      rd_kafka_message_destroy(message);
      if (is_failure) return;
      if (!is_end) records++;
    }
  }

  void HandleOKCallback() override {
    Nan::HandleScope scope;
    if (packed_ == nullptr) packed_ = Scratch::Take();
    v8::Local<v8::Array> topics = Nan::New<v8::Array>();
    for (size_t i = 0; i < packed_->topics.size(); i++) {
      Nan::Set(topics, i, Nan::New(packed_->topics[i]).ToLocalChecked());
    }
    v8::Local<v8::Value> answer[] = {
        Nan::New(code_),
        Nan::New(why_).ToLocalChecked(),
        BufferOf(packed_->rows),
        topics,
        BufferOf(packed_->bytes),
    };
    Scratch::GiveBack(std::move(packed_));
    callback->Call(5, answer, async_resource);
  }

 private:
  static constexpr int kReadyMs = 1;

  double BytesRead() const { return packed_ == nullptr ? 0 : static_cast<double>(packed_->bytes.size()); }

  void Keep(const rd_kafka_message_t* message) {
    if (packed_ == nullptr) packed_ = Scratch::Take();
    packed_->Add(message);
  }

  void Fail(const rd_kafka_message_t* message) {
    if (message->err == RD_KAFKA_RESP_ERR__TIMED_OUT || message->err == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE) return;
    code_ = message->err;
    const char* why = rd_kafka_message_errstr(message);
    why_ = why == nullptr ? rd_kafka_err2str(message->err) : why;
  }

  Handle<NodeKafka::KafkaConsumer>* handle_;
  const int timeout_ms_;
  const double records_max_;
  const double bytes_max_;
  std::unique_ptr<Packed> packed_;
  int code_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string why_;
};

}  // namespace

NAN_METHOD(Consume) {
  const int timeout_ms = Nan::To<int32_t>(info[1]).FromJust();
  const double records_max = Nan::To<double>(info[2]).FromJust();
  const double bytes_max = Nan::To<double>(info[3]).FromJust();
  auto* done = new Nan::Callback(info[4].As<v8::Function>());
  Nan::AsyncQueueWorker(new Read(info[0].As<v8::Object>(), timeout_ms, records_max, bytes_max, done));
}

}  // namespace millrace
