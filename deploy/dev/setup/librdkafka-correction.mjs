// What we change in librdkafka before we compile it: few places, each found by its text.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "./command.mjs";

const corrections = [
  /*
   * While a request of an idempotent producer is on its way nothing else may be sent to its partition. librdkafka finds that out only
   * after it has decided that what waits is due, and then asks the kernel without pause for as long as the answer takes: 100,000 polls
   * for 240,000 records of change data capture instead of 900, a twelfth of the task's processor time, on a core that the broker may
   * need to answer. So it is asked first. The response wakes the thread, which looks anew at what waits.
   */
  {
    file: "rdkafka_broker.c",
    before: `        max_requests = rd_kafka_broker_outbufs_space(rkb);

        rd_kafka_toppar_lock(rktp);
`,
    after: `        max_requests = rd_kafka_broker_outbufs_space(rkb);
        if (rd_kafka_is_idempotent(rkb->rkb_rk))
                max_requests = RD_MIN(
                    max_requests,
                    RD_KAFKA_IDEMP_MAX_INFLIGHT -
                        rd_atomic32_get(&rktp->rktp_msgs_inflight));

        rd_kafka_toppar_lock(rktp);
`,
  },
  /* Its callers say 1 for "immediate", which was taken for a millisecond: of every transaction, before its first record may be sent. */
  {
    file: "rdkafka_txnmgr.c",
    before: `            backoff_ms ? backoff_ms * 1000 : 1 /* immediate */,
`,
    after: `            backoff_ms > 1 ? backoff_ms * 1000 : 1 /* immediate */,
`,
  },
  /*
   * The broker is still writing the markers of the transaction before, which takes it a few milliseconds: half of the transactions that
   * follow at once on another meet this.
   */
  {
    file: "rdkafka_txnmgr.c",
    before: `                        case RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS:
                                retry_backoff_ms = 20;
`,
    after: `                        case RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS:
                                retry_backoff_ms = 2;
`,
  },
  /*
   * Records mostly have the headers of the one before. A copy of a list of four is six pieces of memory, which another thread gives back:
   * a tenth of a snapshot's processor time. So copies are counted and share the list; a list that is shared never changes.
   */
  {
    file: "rdkafka_header.h",
    before: `        size_t rkhdrs_ser_size; /**< Total serialized size of headers */
`,
    after: `        size_t rkhdrs_ser_size; /**< Total serialized size of headers */
        rd_refcnt_t rkhdrs_refcnt;
`,
  },
  {
    file: "rdkafka_header.c",
    before: `        hdrs->rkhdrs_ser_size = 0;

        return hdrs;
`,
    after: `        hdrs->rkhdrs_ser_size = 0;
        rd_refcnt_init(&hdrs->rkhdrs_refcnt, 1);

        return hdrs;
`,
  },
  {
    file: "rdkafka_header.c",
    before: `void rd_kafka_headers_destroy(rd_kafka_headers_t *hdrs) {
        rd_list_destroy(&hdrs->rkhdrs_list);
`,
    after: `void rd_kafka_headers_destroy(rd_kafka_headers_t *hdrs) {
        if (rd_refcnt_sub(&hdrs->rkhdrs_refcnt) > 0)
                return;
        rd_refcnt_destroy(&hdrs->rkhdrs_refcnt);
        rd_list_destroy(&hdrs->rkhdrs_list);
`,
  },
  {
    file: "rdkafka_header.c",
    before: `static void *rd_kafka_header_copy(const void *_src, void *opaque) {
        rd_kafka_headers_t *hdrs     = opaque;
        const rd_kafka_header_t *src = (const rd_kafka_header_t *)_src;

        return (void *)rd_kafka_header_add(
            hdrs, src->rkhdr_name, src->rkhdr_name_size, src->rkhdr_value,
            src->rkhdr_value_size);
}

rd_kafka_headers_t *rd_kafka_headers_copy(const rd_kafka_headers_t *src) {
        rd_kafka_headers_t *dst;

        dst = rd_malloc(sizeof(*dst));
        rd_list_init(&dst->rkhdrs_list, rd_list_cnt(&src->rkhdrs_list),
                     rd_kafka_header_destroy);
        dst->rkhdrs_ser_size = 0; /* Updated by header_copy() */
        rd_list_copy_to(&dst->rkhdrs_list, &src->rkhdrs_list,
                        rd_kafka_header_copy, dst);

        return dst;
}
`,
    after: `rd_kafka_headers_t *rd_kafka_headers_copy(const rd_kafka_headers_t *src) {
        rd_kafka_headers_t *dst = (rd_kafka_headers_t *)src;

        rd_refcnt_add(&dst->rkhdrs_refcnt);

        return dst;
}
`,
  },
  {
    file: "rdkafka_header.c",
    before: `        if (name_size == -1)
                name_size = strlen(name);
`,
    after: `        rd_assert(rd_refcnt_get(&hdrs->rkhdrs_refcnt) == 1);

        if (name_size == -1)
                name_size = strlen(name);
`,
  },
  {
    file: "rdkafka_header.c",
    before: `        RD_LIST_FOREACH_REVERSE(hdr, &hdrs->rkhdrs_list, i) {
                if (rd_kafka_header_cmp_str(hdr, (void *)name))
                        continue;

                ser_size`,
    after: `        rd_assert(rd_refcnt_get(&hdrs->rkhdrs_refcnt) == 1);

        RD_LIST_FOREACH_REVERSE(hdr, &hdrs->rkhdrs_list, i) {
                if (rd_kafka_header_cmp_str(hdr, (void *)name))
                        continue;

                ser_size`,
  },
];

/** Tells what was compiled with them from what was not. */
export const correctionId = createHash("sha256")
  .update(corrections.map(({ after }) => after).join("\n"))
  .digest("hex")
  .slice(0, 12);

/** @param sourceDir librdkafka's own folder. */
export function correctLibrdkafka(sourceDir) {
  for (const { file, before, after } of corrections) {
    const path = join(sourceDir, "src", file);
    const text = readFileSync(path, "utf8");
    if (text.includes(after)) continue;
    if (text.split(before).length !== 2) {
      throw new SetupError(`${path} is not what our correction was made for`, {
        whatToDo: "see in deploy/dev/setup/librdkafka-correction.mjs whether this version still needs it",
      });
    }
    writeFileSync(
      path,
      text.replace(before, () => after),
    );
  }
}
