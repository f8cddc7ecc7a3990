import { expect, test } from "vitest";
import { canBeJoined } from "../../../../src/commands/init/joining.ts";

test.each([
  { advertiseAddress: "127.0.0.1", controlPlaneEndpoint: "", joined: false },
  { advertiseAddress: "::1", controlPlaneEndpoint: "", joined: false },
  { advertiseAddress: "127.0.0.1", controlPlaneEndpoint: "api.example.org", joined: true },
  { advertiseAddress: "192.0.2.10", controlPlaneEndpoint: "", joined: true },
])("with $advertiseAddress and the endpoint '$controlPlaneEndpoint' nodes can join: $joined", (given) => {
  const { advertiseAddress, controlPlaneEndpoint } = given;
  expect(canBeJoined({ advertiseAddress, cluster: { controlPlaneEndpoint } })).toBe(given.joined);
});
