import type { Plugin } from "@millrace/connect";
import { byLogicalTableRouter } from "./by-logical-table-router.ts";
import { eventRouter } from "./event-router.ts";
import { extractNewRecordState } from "./extract-new-record-state.ts";

const plugins: readonly Plugin[] = [extractNewRecordState, eventRouter, byLogicalTableRouter];

export default plugins;
