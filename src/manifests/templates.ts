import { template as etcd } from "../../templates/etcd.yaml.hbs";
import { template as apiServer } from "../../templates/kube-apiserver.yaml.hbs";
import { template as controllerManager } from "../../templates/kube-controller-manager.yaml.hbs";
import { template as scheduler } from "../../templates/kube-scheduler.yaml.hbs";
import type { ControlPlaneComponent } from "../core/constants.ts";

/** The template of each component: YAML before it is filled in and after. */
export const TEMPLATES: Readonly<Record<ControlPlaneComponent, TemplateSpecification>> = {
  etcd,
  "kube-apiserver": apiServer,
  "kube-controller-manager": controllerManager,
  "kube-scheduler": scheduler,
};
