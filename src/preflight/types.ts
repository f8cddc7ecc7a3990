/** One finding of a preflight check. `name` is kubeadm's where it has the check. */
export interface Finding {
  readonly name: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly fix: string;
}
