import { expect, test } from "vitest";
import { readReadiness } from "../../../src/api/read-readiness.ts";
import type { ApiClient, ApiResponse } from "../../../src/api/types.ts";
import { SlipwayError } from "../../../src/core/errors.ts";

const OTHERS = "/readyz?verbose&exclude=etcd&exclude=etcd-readiness";
const WELL: Readonly<Record<string, Partial<ApiResponse>>> = {
  "/livez/ping": { status: 200, text: "ok" },
  [OTHERS]: { status: 200, text: "[+]ping ok\nreadyz check passed" },
  "/readyz/etcd": { status: 200, text: "ok" },
  "/readyz/etcd-readiness": { status: 200, text: "ok" },
};

/** What is undefined is not answered. */
function ask(answers: Readonly<Record<string, Partial<ApiResponse> | undefined>>) {
  const asked: string[] = [];
  const request: ApiClient["request"] = async ({ path }) => {
    asked.push(path);
    const answer = { ...WELL, ...answers }[path];
    if (answer !== undefined) return { body: undefined, ...answer } as ApiResponse;
    throw new SlipwayError({
      code: "SLIPWAY_API_REQUEST",
      what: "cannot talk",
      why: `no answer to ${path}`,
      fix: "",
    });
  };
  return readReadiness({ request }).then((readiness) => ({ readiness, asked }));
}

test("one that is well is ready", async () => {
  expect((await ask({})).readiness).toEqual({ problem: undefined, failedChecks: [] });
});

test("checks of etcd that fail, or that are not answered in time, stand before the others", async () => {
  const text =
    "[+]ping ok\n[-]poststarthook/rbac/bootstrap-roles failed: reason withheld\nreadyz check failed";
  const { readiness } = await ask({
    [OTHERS]: { status: 500, text },
    "/readyz/etcd": { status: 500, text: "internal server error: etcd failed" },
    "/readyz/etcd-readiness": undefined,
  });
  expect(readiness.failedChecks).toEqual(["etcd", "etcd-readiness", "poststarthook/rbac/bootstrap-roles"]);
  expect(readiness.problem).toContain("answered 500");
});

test("a check that an API server has not is none that fails", async () => {
  const { readiness } = await ask({ "/readyz/etcd-readiness": { status: 404, text: "not found" } });
  expect(readiness).toEqual({ problem: undefined, failedChecks: [] });
});

test("one that answers nothing is not asked more", async () => {
  const { readiness, asked } = await ask({ "/livez/ping": undefined });
  expect(readiness).toEqual({ problem: "cannot talk: no answer to /livez/ping", failedChecks: [] });
  expect(asked).toEqual(["/livez/ping"]);
});
