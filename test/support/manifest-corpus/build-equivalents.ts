import { POD } from "./plain-pod.ts";

/** The plain pod in other words, and pods that differ from it by little. */
export function buildEquivalents(): readonly string[] {
  return [
    `# a comment\n${POD}`,
    POD.replace("apiVersion: v1\nkind: Pod", "kind: Pod\napiVersion: v1"),
    POD.replaceAll("  ", "    ").replaceAll("    - ", "    - "),
    POD.replace("name: web\nspec", "name: 'web'\nspec"),
    `${POD}  hostNetwork: false\n`,
    `${POD}  hostPID: no\n`,
    `${POD}  restartPolicy: Always\n`,
    `${POD}  terminationGracePeriodSeconds: 30\n`,
    `${POD}  terminationGracePeriodSeconds: 31\n`,
    `${POD}    imagePullPolicy: IfNotPresent\n`,
    `${POD}    imagePullPolicy: Always\n`,
    `${POD}somethingNew: 1\n`,
    `${POD}  priority: 0\n`,
    `${POD}  hostname: ""\n`,
    POD.replace("name: web\nspec", "name: web\n  namespace: default\nspec"),
    POD.replace("name: web\nspec", 'name: web\n  namespace: ""\nspec'),
    POD.replace("name: web\nspec", "name: web\n  labels: {a: b, c: d}\nspec"),
    POD.replace("name: web\nspec", "name: web\n  labels: {c: d, a: b}\nspec"),
  ];
}
