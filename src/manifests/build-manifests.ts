import { ownComponents } from "../config/own-components.ts";
import type { EnvVariable, InitConfig } from "../config/types.ts";
import type { ControlPlaneComponent } from "../core/constants.ts";
import { SlipwayError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { formatYaml, parseYamlDocuments } from "../core/yaml.ts";
import { parseManifest } from "../pod/parse-static-pod.ts";
import type { PodManifest } from "../pod/types.ts";
import { applyPatches, tidyPod } from "./patches/apply-patches.ts";
import type { Patch } from "./patches/parse-patch-file.ts";
import { renderTemplate } from "./render.ts";
import { TEMPLATES } from "./templates.ts";
import type { ComponentView, ViewOptions } from "./views/component-view.ts";
import { buildEtcdView } from "./views/etcd-view.ts";
import { buildApiServerView } from "./views/kube-apiserver-view.ts";
import { buildControllerManagerView } from "./views/kube-controller-manager-view.ts";
import { buildSchedulerView } from "./views/kube-scheduler-view.ts";

/** One static pod of the control plane, ready to be written. */
export interface Manifest {
  readonly component: ControlPlaneComponent;
  /** The name in the manifest directory. */
  readonly fileName: string;
  readonly text: string;
  /** What the text says. */
  readonly pod: Readonly<Record<string, unknown>>;
  /** The same as the runner takes it in, with defaults filled in. */
  readonly defaulted: PodManifest;
}

/**
 * The manifests in start order, with the bytes that kubeadm of the same minor would write, but for the ports that
 * follow `secure-port` and the flag that lets kube-apiserver live on loopback. What is returned has been checked as a
 * static pod. `proxyEnv`: kubeadm hands on the proxy variables of its own environment.
 * Raises SLIPWAY_MANIFEST_INVALID when extraArgs, extraEnvs, extraVolumes or patches make a pod that no kubelet would
 * run, SLIPWAY_PATCH_INVALID for a patch that does not fit.
 * Source: kubeadm phases/controlplane/manifests.go, phases/etcd/local.go.
 */
export async function buildManifests(input: {
  readonly config: InitConfig;
  readonly caDirs: readonly string[];
  readonly proxyEnv?: readonly EnvVariable[];
  readonly patches?: readonly Patch[];
}): Promise<readonly Manifest[]> {
  const { config, caDirs, proxyEnv = [], patches = [] } = input;
  return Promise.all(
    ownComponents(config.cluster).map((component) =>
      buildManifest({
        component,
        template: TEMPLATES[component],
        view: VIEWS[component](config, { caDirs, proxyEnv }),
        patches: patches.filter(({ target }) => target === component),
      }),
    ),
  );
}

const VIEWS = {
  etcd: buildEtcdView,
  "kube-apiserver": buildApiServerView,
  "kube-controller-manager": buildControllerManagerView,
  "kube-scheduler": buildSchedulerView,
} as const satisfies Record<
  ControlPlaneComponent,
  (config: InitConfig, options: ViewOptions) => ComponentView
>;

async function buildManifest(input: {
  readonly component: ControlPlaneComponent;
  readonly template: TemplateSpecification;
  readonly view: ComponentView;
  readonly patches: readonly Patch[];
}): Promise<Manifest> {
  const { component, patches } = input;
  const [document] = parseYamlDocuments(await renderTemplate(input));
  const rendered = document?.value;
  if (!isObject(rendered)) {
    throw new Error(`the template of ${component} gives no object: ${document?.problems[0]?.message}`);
  }
  const pod =
    patches.length === 0 ? rendered : tidyPod(applyPatches(rendered, { target: component, patches }));
  // As JSON, which is read many times faster than the same pod as YAML.
  const checked = parseManifest({ text: JSON.stringify(pod), origin: component });
  if (checked.kind === "refused") {
    throw new SlipwayError({
      code: "SLIPWAY_MANIFEST_INVALID",
      what: `the configuration gives ${component} a manifest that cannot be run`,
      why: checked.message,
      fix: "correct its extraArgs, extraEnvs, extraVolumes or patches in the configuration",
    });
  }
  const { manifest: defaulted } = checked;
  return { component, fileName: `${component}.yaml`, text: formatYaml(pod), pod, defaulted };
}
