import { addressBits, parseIpAddress } from "../core/cidr.ts";

/** The 4 or 16 bytes of an address, network order. Source: RFC 5280 section 4.2.1.6, iPAddress. */
export function encodeAddress(text: string): Buffer {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return Buffer.from(address.value.toString(16).padStart(addressBits(address.family) / 4, "0"), "hex");
}
