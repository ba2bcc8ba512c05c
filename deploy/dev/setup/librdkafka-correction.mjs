// The one thing that we change in librdkafka before we compile it.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "./command.mjs";

const file = "src/rdkafka_broker.c";

/**
 * While a request of an idempotent producer is on its way nothing else may be sent to its partition. librdkafka finds that out only
 * after it has decided that what waits is due, and then asks the kernel without pause for as long as the answer takes: 100,000 polls for
 * 240,000 records of change data capture instead of 900, a twelfth of the task's processor time, on a core that the broker may
 * need to answer. So it is asked first. The response wakes the thread, which looks anew at what waits.
 */
const before = `        max_requests = rd_kafka_broker_outbufs_space(rkb);

        rd_kafka_toppar_lock(rktp);
`;
const after = `        max_requests = rd_kafka_broker_outbufs_space(rkb);
        if (rd_kafka_is_idempotent(rkb->rkb_rk))
                max_requests = RD_MIN(
                    max_requests,
                    RD_KAFKA_IDEMP_MAX_INFLIGHT -
                        rd_atomic32_get(&rktp->rktp_msgs_inflight));

        rd_kafka_toppar_lock(rktp);
`;

/** Tells what was compiled with it from what was not. */
export const correctionId = createHash("sha256").update(after).digest("hex").slice(0, 12);

/** @param sourceDir librdkafka's own folder. */
export function correctLibrdkafka(sourceDir) {
  const path = join(sourceDir, file);
  const text = readFileSync(path, "utf8");
  if (text.includes(after)) return;
  if (text.split(before).length !== 2) {
    throw new SetupError(`${path} is not what our correction was made for`, {
      whatToDo: "see in deploy/dev/setup/librdkafka-correction.mjs whether this version still needs it",
    });
  }
  writeFileSync(path, text.replace(before, after));
}
