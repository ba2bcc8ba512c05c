// Pure: keys about proxies, TLS and Kerberos.
import { CaseInsensitiveValidString, Range } from "@millrace/connect";
import { type KeyRow, row, suggestions } from "./key-row.ts";

export const SSL_PREFIX = "elastic.https.";

export const proxyKeys: readonly KeyRow[] = [
  row("proxy.host", "STRING", "", "Proxy Host", "The HTTP proxy to connect by."),
  row("proxy.port", "INT", 8080, "Proxy Port", "Its port.", { validator: Range.between(1, 65_535) }),
  row("proxy.username", "STRING", "", "Proxy Username", "The proxy's user, with proxy.password."),
  row("proxy.password", "PASSWORD", null, "Proxy Password", "That user's password."),
];

const PROTOCOLS = ["PLAINTEXT", "SSL"];

export const securityKeys: readonly KeyRow[] = [
  row(
    "elastic.security.protocol",
    "STRING",
    "PLAINTEXT",
    "Security protocol",
    "SSL for elastic.https.* settings. Addresses that begin with https are secure without it, by the authorities Node knows.",
    { importance: "MEDIUM", validator: CaseInsensitiveValidString.in(...PROTOCOLS), ...suggestions(PROTOCOLS) },
  ),
  row(`${SSL_PREFIX}ssl.truststore.location`, "STRING", null, "Truststore", "A file of authorities: PEM, or JKS."),
  row(`${SSL_PREFIX}ssl.truststore.password`, "PASSWORD", null, "Truststore Password", "Not needed for PEM and JKS."),
  row(`${SSL_PREFIX}ssl.truststore.type`, "STRING", "JKS", "Truststore Type", "Has no effect: the file itself tells."),
  row(`${SSL_PREFIX}ssl.truststore.certificates`, "PASSWORD", null, "Authorities", "Authorities as PEM text."),
  row(
    `${SSL_PREFIX}ssl.keystore.location`,
    "STRING",
    null,
    "Keystore",
    "A file of key and certificate: PEM, or PKCS12.",
  ),
  row(`${SSL_PREFIX}ssl.keystore.password`, "PASSWORD", null, "Keystore Password", "Of a PKCS12 file."),
  row(`${SSL_PREFIX}ssl.keystore.type`, "STRING", "JKS", "Keystore Type", "Has no effect: the file itself tells."),
  row(`${SSL_PREFIX}ssl.keystore.key`, "PASSWORD", null, "Key", "The private key as PEM text."),
  row(`${SSL_PREFIX}ssl.keystore.certificate.chain`, "PASSWORD", null, "Certificate", "Its certificates as PEM text."),
  row(`${SSL_PREFIX}ssl.key.password`, "PASSWORD", null, "Key Password", "Of the private key."),
  row(
    `${SSL_PREFIX}ssl.endpoint.identification.algorithm`,
    "STRING",
    "https",
    "Host Name Check",
    "https: the server's certificate must be for its host. Empty: any host will do.",
  ),
  row(
    `${SSL_PREFIX}ssl.enabled.protocols`,
    "LIST",
    "TLSv1.2,TLSv1.3",
    "TLS Versions",
    "TLS versions that may be used.",
  ),
  row(
    `${SSL_PREFIX}ssl.cipher.suites`,
    "LIST",
    null,
    "Ciphers",
    "Ciphers by OpenSSL's names; all good ones unless given.",
  ),
  ...["protocol", "provider", "keymanager.algorithm", "trustmanager.algorithm", "secure.random.implementation"].map(
    (name) => row(`${SSL_PREFIX}ssl.${name}`, "STRING", null, name, "Has no effect: Java's own.", { internal: true }),
  ),
];

export const kerberosKeys: readonly KeyRow[] = [
  row("kerberos.user.principal", "STRING", null, "Kerberos User Principal", "Not supported."),
  row("kerberos.keytab.path", "STRING", null, "Kerberos Keytab Path", "Not supported."),
];
