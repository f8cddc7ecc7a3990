/** One finding of a check of the machine or of a control plane. `name` is kubeadm's where it has the check. */
export interface Finding {
  readonly name: string;
  readonly severity: "error" | "warning";
  /** What is not as it should be, with its path or value. */
  readonly what: string;
  /** The observed cause, or what comes of it. */
  readonly why: string;
  /** A command or an edit that the reader can do now. */
  readonly fix: string;
  /** The line of a component's log that matters. */
  readonly logLine?: string;
}
