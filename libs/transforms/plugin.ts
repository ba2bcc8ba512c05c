import type { Plugin } from "@millrace/connect";
import { hoistField } from "./hoist-field.ts";

const plugins: readonly Plugin[] = [...hoistField];

export default plugins;
