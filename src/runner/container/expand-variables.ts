import type { Container } from "../../pod/types.ts";

/** Values by variable name. */
export type Env = Readonly<Record<string, string>>;

/**
 * Replaces `$(NAME)` by its value; an unknown name stays as it is, `$$` is a plain `$`.
 * Source: k8s.io/kubernetes third_party/forked/golang/expansion/expand.go.
 */
export function expandVariables(text: string, env: Env): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (match, name: string | undefined) => {
    if (name === undefined) return "$";
    return Object.hasOwn(env, name) ? (env[name] ?? match) : match;
  });
}

/** The variables of a container that are plain text. */
export function literalEnv(container: Container): Env {
  return Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value ?? ""]));
}
