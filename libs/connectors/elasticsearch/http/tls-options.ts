// TLS settings as Node takes them. Files are told by what is in them, whatever type is set.
import { readFileSync } from "node:fs";
import type { SecureContextOptions } from "node:tls";
import { ConfigError } from "@millrace/connect";
import type { TlsSettings } from "../config/settings.ts";
import { isJavaKeystore, javaKeystoreAuthorities } from "./java-keystore.ts";

export type TlsOptions = SecureContextOptions & { readonly checkServerIdentity?: () => undefined };

const AS_PEM = "keytool -exportcert -rfc -keystore <file> -alias <name>";

/** @throws ConfigError when a file cannot be read or is of a form that Node cannot use. */
export function tlsOptions(settings: TlsSettings): TlsOptions {
  const { versions, ciphers } = settings;
  const known = ["TLSv1.2", "TLSv1.3"] as const;
  const [oldest, newest] = [
    known.find((each) => versions.includes(each)),
    known.findLast((each) => versions.includes(each)),
  ];
  if (oldest === undefined || newest === undefined) {
    throw wrong("ssl.enabled.protocols", `none of ${versions.join(", ")} is supported: use ${known.join(", ")}`);
  }
  return {
    ...authorities(settings),
    ...identity(settings),
    minVersion: oldest,
    maxVersion: newest,
    ...(ciphers === null || ciphers.length === 0 ? {} : { ciphers: ciphers.join(":") }),
    ...(settings.checkHost ? {} : { checkServerIdentity: () => undefined }),
  };
}

function authorities({ truststoreLocation, truststoreCertificates }: TlsSettings): TlsOptions {
  if (truststoreCertificates !== null) return { ca: truststoreCertificates };
  if (truststoreLocation === null) return {};
  const bytes = read("ssl.truststore.location", truststoreLocation);
  if (isPem(bytes)) return { ca: bytes };
  if (isJavaKeystore(bytes)) return { ca: javaKeystoreAuthorities(bytes) };
  throw wrong(
    "ssl.truststore.location",
    `${truststoreLocation} is neither PEM nor JKS. Export its certificates as PEM: ${AS_PEM}`,
  );
}

function identity(settings: TlsSettings): TlsOptions {
  const { key, certificateChain, keyPassword, keystoreLocation, keystorePassword } = settings;
  const passphrase = keyPassword ?? keystorePassword;
  const secret = passphrase === null ? {} : { passphrase };
  if (key !== null) return { key, ...(certificateChain === null ? {} : { cert: certificateChain }), ...secret };
  if (keystoreLocation === null) return {};
  const bytes = read("ssl.keystore.location", keystoreLocation);
  if (isPem(bytes)) return { key: bytes, cert: bytes, ...secret };
  if (isJavaKeystore(bytes)) {
    throw wrong(
      "ssl.keystore.location",
      `${keystoreLocation} is JKS, whose keys only Java reads. Make it PKCS12: ` +
        "keytool -importkeystore -srckeystore <file> -destkeystore <new> -deststoretype PKCS12",
    );
  }
  return { pfx: bytes, ...(keystorePassword === null ? {} : { passphrase: keystorePassword }) };
}

function read(key: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw wrong(key, `cannot read ${file}: ${(cause as Error).message}`, cause);
  }
}

const isPem = (bytes: Buffer): boolean => bytes.includes("-----BEGIN ");

const wrong = (key: string, reason: string, cause?: unknown): ConfigError =>
  new ConfigError(`elastic.https.${key}: ${reason}`, { code: "CONFIG_INVALID", cause });
