import type { Plugin } from "@millrace/connect";

const plugins: readonly Plugin[] = [];

export default plugins;
