#!/bin/sh
# The kubelet as kubeadm's systemd unit runs it, for a machine without systemd: start, stop, and what start begins.
# Source: kubernetes release cmd/krel/templates/latest/kubeadm/10-kubeadm.conf.
set -u
case $1 in
  start)
    setsid "$0" supervise >>/var/log/kubelet.log 2>&1 </dev/null &
    echo $! >/run/kubelet-service.pid
    ;;
  stop)
    read -r pid </run/kubelet-service.pid || exit 0
    kill "$pid"
    while [ -d "/proc/$pid" ]; do sleep 0.05; done
    rm /run/kubelet-service.pid
    ;;
  supervise)
    child=
    trap 'kill $child; wait $child; exit 0' TERM
    while :; do
      # kubeadm starts systemd's when it has written this.
      while [ ! -e /var/lib/kubelet/config.yaml ]; do sleep 0.05; done
      KUBELET_KUBEADM_ARGS=
      [ ! -e /var/lib/kubelet/kubeadm-flags.env ] || . /var/lib/kubelet/kubeadm-flags.env
      # shellcheck disable=SC2086
      kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \
        --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml $KUBELET_KUBEADM_ARGS &
      child=$!
      wait $child
      sleep 0.5
    done
    ;;
esac
