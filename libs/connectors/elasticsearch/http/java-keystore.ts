// Pure: the certificates of a Java keystore (JKS). They are not encrypted, so no password is needed to read them.
import { ConfigError } from "@millrace/connect";

const MAGIC = 0xfeedfeed;
const PRIVATE_KEY = 1;

export const isJavaKeystore = (bytes: Buffer): boolean => bytes.length >= 12 && bytes.readUInt32BE(0) === MAGIC;

/**
 * As PEM. Layout: magic, version, count; each entry: tag, name, time, then for a private key its bytes and a chain of
 * certificates, else one certificate. A certificate: its type, its bytes.
 * @throws ConfigError when the file is cut off or of an older version.
 */
export function javaKeystoreAuthorities(bytes: Buffer): string[] {
  const found: string[] = [];
  let at = 12;
  const text = () => {
    const end = at + 2 + bytes.readUInt16BE(at);
    at = end;
  };
  const block = () => {
    const start = at + 4;
    at = start + bytes.readUInt32BE(at);
    if (at > bytes.length) throw new RangeError("cut off");
    return bytes.subarray(start, at);
  };
  const certificate = () => {
    text();
    found.push(pem(block()));
  };
  try {
    if (bytes.readUInt32BE(4) !== 2) throw new RangeError("of an old version");
    for (let left = bytes.readUInt32BE(8); left > 0; left--) {
      const tag = bytes.readUInt32BE(at);
      at += 4;
      text();
      at += 8;
      let certificates = 1;
      if (tag === PRIVATE_KEY) {
        block();
        certificates = bytes.readUInt32BE(at);
        at += 4;
      }
      for (; certificates > 0; certificates--) certificate();
    }
  } catch (cause) {
    throw new ConfigError("elastic.https.ssl.truststore.location: the JKS file cannot be read", { cause });
  }
  return found;
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString("base64").replace(/.{64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
