import { redactUrl } from "../core/redact.ts";
import type { System } from "./system.ts";

/** From which `-v` on programs that are run are told, as kubeadm tells what went wrong in detail. */
const TRACE_PROGRAMS = 5;

/** From which `-v` on requests are told. Source: k8s.io/client-go rest/request.go, transport/round_trippers.go. */
const TRACE_REQUESTS = 6;

/**
 * The same machine, whose log tells at `debug` what is run and what is asked over the network. Nothing that is sent or
 * answered is told, for it may be secret; arguments never are, nor addresses without their passwords.
 */
export function traceSystem(system: System, verbosity: number): System {
  const { log, clock } = system;
  const exec: System["exec"] = {
    ...system.exec,
    run: async (options) => {
      const began = clock.monotonicMs();
      const result = await system.exec.run(options);
      const command = [options.command, ...(options.args ?? [])].join(" ");
      const { exitCode, startError } = result;
      log.debug("ran a program", { command, exitCode, startError, ms: since(began) });
      return result;
    },
  };
  const net: System["net"] = {
    ...system.net,
    request: async (request) => {
      const began = clock.monotonicMs();
      const told = {
        method: request.method ?? "GET",
        url: redactUrl(request.url),
        socket: request.socketPath,
      };
      try {
        const response = await system.net.request(request);
        log.debug("asked", { ...told, status: response.status, ms: since(began) });
        return response;
      } catch (error) {
        log.debug("asked in vain", { ...told, reason: String(error), ms: since(began) });
        throw error;
      }
    },
  };
  const since = (began: number): number => Math.round(clock.monotonicMs() - began);
  return {
    ...system,
    ...(verbosity >= TRACE_PROGRAMS ? { exec } : {}),
    ...(verbosity >= TRACE_REQUESTS ? { net } : {}),
  };
}
