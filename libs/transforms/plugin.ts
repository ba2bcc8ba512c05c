import type { Plugin } from "@millrace/connect";
import { cast } from "./cast.ts";
import { dropHeaders } from "./drop-headers.ts";
import { extractField } from "./extract-field.ts";
import { flatten } from "./flatten.ts";
import { headerFrom } from "./header-from.ts";
import { hoistField } from "./hoist-field.ts";
import { insertField } from "./insert-field.ts";
import { insertHeader } from "./insert-header.ts";
import { maskField } from "./mask-field.ts";
import { replaceField } from "./replace-field.ts";
import { setSchemaMetadata } from "./set-schema-metadata.ts";
import { valueToKey } from "./value-to-key.ts";

const plugins: readonly Plugin[] = [
  ...cast,
  ...extractField,
  ...flatten,
  ...hoistField,
  dropHeaders,
  ...headerFrom,
  ...insertField,
  insertHeader,
  ...maskField,
  ...replaceField,
  ...setSchemaMetadata,
  valueToKey,
];

export default plugins;
