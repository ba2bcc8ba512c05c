// Hands records to a producer and from a consumer of @confluentinc/kafka-javascript as its own `produce` and `consume` do, but
// packed.
#include <nan.h>

#include "handle.h"

namespace millrace {

NAN_MODULE_INIT(Init) {
  Nan::SetMethod(target, "produce", Produce);
  Nan::SetMethod(target, "consume", Consume);
  Nan::Set(target, Nan::New("addonVersion").ToLocalChecked(), Nan::New(ADDON_VERSION).ToLocalChecked());
}

}  // namespace millrace

NODE_MODULE(packed_records, millrace::Init)
