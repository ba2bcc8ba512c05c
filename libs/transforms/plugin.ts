import type { Plugin } from "@millrace/connect";
import { dropHeaders } from "./drop-headers.ts";
import { headerFrom } from "./header-from.ts";
import { hoistField } from "./hoist-field.ts";
import { insertField } from "./insert-field.ts";
import { insertHeader } from "./insert-header.ts";
import { maskField } from "./mask-field.ts";
import { replaceField } from "./replace-field.ts";
import { setSchemaMetadata } from "./set-schema-metadata.ts";

const plugins: readonly Plugin[] = [
  ...hoistField,
  dropHeaders,
  ...headerFrom,
  ...insertField,
  insertHeader,
  ...maskField,
  ...replaceField,
  ...setSchemaMetadata,
];

export default plugins;
