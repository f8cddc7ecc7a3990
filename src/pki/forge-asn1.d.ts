declare module "node-forge/lib/asn1.js" {
  import { asn1 } from "node-forge";
  export = asn1;
}
