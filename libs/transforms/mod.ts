// What other packages of transforms share with the stock ones.
export { entriesOf } from "./map-data.ts";
export { requireMap, requireStruct } from "./requirements.ts";
export { like, structLike } from "./schema-basics.ts";
