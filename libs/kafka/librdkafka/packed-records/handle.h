#pragma once

#include <nan.h>

#include "rdkafka.h"

namespace millrace {

/** Derived, because the addon shows its client, and the lock under which it goes away, to no one else. */
template <class Wrapped>
class Handle : public Wrapped {
 public:
  static Handle* Of(v8::Local<v8::Object> object) {
    return static_cast<Handle*>(Nan::ObjectWrap::Unwrap<Wrapped>(object));
  }

  /** `use` is given the client, which stays until it returns; `closed` is the answer when there is none. */
  template <class Answer, class Use>
  Answer With(Answer closed, Use use) {
    uv_rwlock_rdlock(&this->m_connection_lock);
    const bool open = !this->m_is_closing && this->m_client != nullptr;
    const Answer answer = open ? use(this->m_client->c_ptr()) : closed;
    uv_rwlock_rdunlock(&this->m_connection_lock);
    return answer;
  }
};

/** produce(handle, topic, partition, value, key, timestampMs, headers): an error code, 0 when queued. */
NAN_METHOD(Produce);

/** consume(handle, timeoutMs, recordsMax, bytesMax, done): done(code, why, rows, topics, bytes), what was read before an error included. */
NAN_METHOD(Consume);

}  // namespace millrace
