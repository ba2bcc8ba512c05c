// What other packages of transforms share with the stock ones.
export { requireMap, requireStruct } from "./requirements.ts";
export { copySchemaBasics, structLike } from "./schema-basics.ts";
export { fieldOf, fieldsOf } from "./schema-fields.ts";
