import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createKubeletServerTrial, LINE } from "../../../support/kubelet-server-trial.ts";

const { dir, setPods, start, get, buildLogging } = createKubeletServerTrial();

const LOGS = "/containerLogs/kube-system/web-n1/web";

test("a container's log is served as the query asks", async () => {
  await writeFile(join(dir(), "0.log"), `${LINE}one\n${LINE}two\n`);
  setPods(buildLogging());
  await start({ authorizationMode: "AlwaysAllow" });
  expect(await get(LOGS)).toEqual({ status: 200, text: "one\ntwo\n" });
  expect(await get(`${LOGS}?tailLines=1&timestamps=true`)).toMatchObject({
    text: "2026-11-22T17:00:00.000000000Z two\n",
  });
});

test("a log that is not there is answered as the kubelet does", async () => {
  setPods(buildLogging({ logPath: undefined }, false));
  await start({ authorizationMode: "AlwaysAllow" });
  expect(await get("/containerLogs/kube-system/none/web")).toEqual({
    status: 404,
    text: 'pod "none" does not exist',
  });
  expect(await get("/containerLogs/kube-system/web-n1/none")).toEqual({
    status: 404,
    text: 'container "none" not found in pod "web-n1"',
  });
  expect(await get(LOGS)).toEqual({
    status: 400,
    text: 'container "web" in pod "web-n1" is waiting to start: ErrImagePull',
  });
  expect(await get(`${LOGS}?previous=true`)).toEqual({
    status: 400,
    text: 'previous terminated container "web" in pod "web-n1" not found',
  });
  expect(await get(`${LOGS}?tailLines=-1`)).toMatchObject({ status: 422 });
});

test("a log whose file is gone is a bad request, not a crash", async () => {
  setPods(buildLogging());
  await start({ authorizationMode: "AlwaysAllow" });
  expect(await get(LOGS)).toMatchObject({ status: 400, text: expect.stringContaining("no longer there") });
});

test("following a log ends when the container does", async () => {
  await writeFile(join(dir(), "0.log"), `${LINE}one\n`);
  setPods(buildLogging());
  await start({ authorizationMode: "AlwaysAllow" });
  const following = get(`${LOGS}?follow=true`);
  await appendFile(join(dir(), "0.log"), `${LINE}two\n`);
  setPods(buildLogging({}, false));
  expect(await following).toEqual({ status: 200, text: "one\ntwo\n" });
});
