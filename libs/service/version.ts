// Pure: apart from the rest of the package, so that who only wants this loads nothing else.

/** Of every package here; a test holds them together. Plugins that stand in for Kafka's own carry Kafka's version. */
export const millraceVersion = "0.1.0";
