// The addon takes each header of a record apart by name, which costs half a microsecond: four of them four times the rest.
#include <cstring>
#include <string>

#include <nan.h>

#include "handle.h"
#include "rdkafka.h"
#include "src/producer.h"

namespace millrace {
namespace {

struct Bytes {
  const void* data;
  size_t length;
};

/** Of a Uint8Array; of anything else none, which librdkafka takes for null. Empty ones point somewhere, as they are no null. */
Bytes BytesOf(v8::Local<v8::Value> value) {
  if (!value->IsUint8Array()) return {nullptr, 0};
  const size_t length = node::Buffer::Length(value);
  return {length == 0 ? "" : node::Buffer::Data(value), length};
}

/** A length of four bytes in the machine's order, -1 for null, and that many bytes. */
Bytes Next(const char*& at) {
  int32_t length;
  memcpy(&length, at, sizeof length);
  at += sizeof length;
  if (length < 0) return {nullptr, 0};
  const char* data = at;
  at += length;
  return {data, static_cast<size_t>(length)};
}

/** From names and values in turns. */
rd_kafka_headers_t* HeadersOf(Bytes packed) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(8);
  const char* at = static_cast<const char*>(packed.data);
  for (const char* end = at + packed.length; at < end;) {
    const Bytes name = Next(at);
    const Bytes value = Next(at);
    rd_kafka_header_add(headers, static_cast<const char*>(name.data), name.length, value.data, value.length);
  }
  return headers;
}

/** Of the record before: librdkafka counts copies of a list and shares it (deploy/dev/setup/librdkafka-correction.mjs). */
class LastHeaders {
 public:
  rd_kafka_headers_t* CopyOf(Bytes packed) {
    if (packed.length == 0) return nullptr;
    if (packed.length != packed_.size() || memcmp(packed.data, packed_.data(), packed.length) != 0) {
      if (headers_ != nullptr) rd_kafka_headers_destroy(headers_);
      headers_ = HeadersOf(packed);
      packed_.assign(static_cast<const char*>(packed.data), packed.length);
    }
    return rd_kafka_headers_copy(headers_);
  }

 private:
  std::string packed_;
  rd_kafka_headers_t* headers_ = nullptr;
};

struct Record {
  const char* topic;
  int32_t partition;
  Bytes value;
  Bytes key;
  int64_t timestamp_ms;
  Bytes headers;
};

rd_kafka_resp_err_t ProduceTo(rd_kafka_t* client, const Record& record) {
  static thread_local LastHeaders last;
  rd_kafka_headers_t* headers = last.CopyOf(record.headers);
  const rd_kafka_resp_err_t code = rd_kafka_producev(
      client, RD_KAFKA_V_TOPIC(record.topic), RD_KAFKA_V_PARTITION(record.partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_VALUE(const_cast<void*>(record.value.data), record.value.length),
      RD_KAFKA_V_KEY(record.key.data, record.key.length), RD_KAFKA_V_TIMESTAMP(record.timestamp_ms),
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  // Else they are librdkafka's.
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR && headers != nullptr) rd_kafka_headers_destroy(headers);
  return code;
}

}  // namespace

NAN_METHOD(Produce) {
  const Nan::Utf8String topic(info[1]);
  const int32_t partition = Nan::To<int32_t>(info[2]).FromJust();
  const Record record = {
      *topic,
      partition < 0 ? RD_KAFKA_PARTITION_UA : partition,
      BytesOf(info[3]),
      BytesOf(info[4]),
      Nan::To<int64_t>(info[5]).FromJust(),
      BytesOf(info[6]),
  };
  auto* handle = Handle<NodeKafka::Producer>::Of(info[0].As<v8::Object>());
  info.GetReturnValue().Set(handle->With(RD_KAFKA_RESP_ERR__STATE, [&](rd_kafka_t* client) {
    return ProduceTo(client, record);
  }));
}

}  // namespace millrace
