import { readFile } from "node:fs/promises";
import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";

const POLL_MS = 20;

/** Far more than a plane takes on a slow machine. */
const TIMEOUT_MS = 180_000;

/** Asks URLs until they answer 200, as the user of a kubeconfig or as nobody, over kept connections. */
export async function createPoller(kubeconfigPath) {
  const identity = kubeconfigPath === undefined ? {} : await readIdentity(kubeconfigPath);
  const agents = {
    "http:": new http.Agent({ keepAlive: true }),
    "https:": new https.Agent({ keepAlive: true, rejectUnauthorized: false, ...identity }),
  };
  let closed = false;
  return {
    until: async (url) => {
      const deadlineMs = performance.now() + TIMEOUT_MS;
      let last;
      while (!closed && performance.now() < deadlineMs) {
        last = await ask(url, agents).catch((error) => error.code ?? error.message);
        if (last === 200) return;
        await sleep(POLL_MS);
      }
      throw new Error(closed ? "interrupted" : `${url} did not answer 200 in time but ${last}`);
    },
    close: () => {
      closed = true;
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

async function readIdentity(kubeconfigPath) {
  const { user } = parse(await readFile(kubeconfigPath, "utf8")).users[0];
  return {
    cert: Buffer.from(user["client-certificate-data"], "base64"),
    key: Buffer.from(user["client-key-data"], "base64"),
  };
}

function ask(url, agents) {
  const { protocol } = new URL(url);
  const { get } = protocol === "http:" ? http : https;
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: agents[protocol], timeout: 5000 }, (response) => {
      response
        .resume()
        .once("end", () => resolve(response.statusCode))
        .once("error", reject);
    });
    request.once("timeout", () => request.destroy(new Error("no answer within 5 s"))).once("error", reject);
  });
}
