import { parseYamlDocuments } from "../core/yaml.ts";
import { type Loose, objectOf, objectsOf } from "./loose.ts";

/** The first container of a manifest, unchecked; empty for a text that is no pod with containers. */
export function readFirstContainer(manifest: string): Loose {
  const spec = objectOf(objectOf(parseYamlDocuments(manifest)[0]?.value)["spec"]);
  return objectsOf(spec["containers"])[0] ?? {};
}
