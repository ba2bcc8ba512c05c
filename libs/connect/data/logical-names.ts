// Pure: the schema names of the logical types. Apart from logical.ts, as what schemas are built on asks for them.

const PACKAGE = "org.apache.kafka.connect.data";
export const DECIMAL_NAME = `${PACKAGE}.Decimal`;
export const DATE_NAME = `${PACKAGE}.Date`;
export const TIME_NAME = `${PACKAGE}.Time`;
export const TIMESTAMP_NAME = `${PACKAGE}.Timestamp`;
