import type { Plugin } from "@millrace/connect";
import { eventRouter } from "./event-router.ts";
import { extractNewRecordState } from "./extract-new-record-state.ts";

const plugins: readonly Plugin[] = [extractNewRecordState, eventRouter];

export default plugins;
