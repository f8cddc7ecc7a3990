import { setTimeout as sleep } from "node:timers/promises";
import type { TestPlane } from "../plane.ts";
import { openApiClient } from "./api-client.ts";

/** What the load has done. */
export interface LoadReport {
  readonly acknowledged: number;
  /** Neither answered nor refused: what became of them is nobody's promise. */
  readonly unanswered: number;
  readonly lists: number;
  /** Acknowledged writes that a later read did not see. */
  readonly lost: readonly string[];
}

/** A client that creates, changes, deletes and lists until it is ended. */
export interface ApiLoad {
  /** Stops, then reads everything once more. */
  end(): Promise<LoadReport>;
}

const PATH = "/api/v1/namespaces/default/configmaps";
const NAME_PREFIX = "soak-";

/** One write at a time, some ten a second: enough that one is under way at each kill. */
const PAUSE_MS = 80;
const LIST_EVERY_MS = 5_000;
/** Every third object is changed once, every fifth deleted again. */
const UPDATE_EVERY = 3;
const DELETE_EVERY = 5;

/** What an object may hold; undefined: it may not be there. Several, when nobody knows what a write has done. */
type Possible = readonly (string | undefined)[];

/** Begins to write and to read. What a write came to is known only from its answer. */
export function startApiLoad(plane: TestPlane): ApiLoad {
  const client = openApiClient(plane);
  const expected = new Map<string, Possible>();
  const lost: string[] = [];
  let [acknowledged, unanswered, lists, count] = [0, 0, 0, 0];
  let ended = false;

  /** False when it is not known to be done: nothing is to be done to that object then, for it may yet come. */
  const write = async (
    method: "POST" | "PUT" | "DELETE",
    object: { readonly name: string; readonly at?: string },
  ): Promise<boolean> => {
    const { name, at } = object;
    const before = expected.get(name) ?? [undefined];
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { at } };
    expected.set(name, [...before, at]);
    try {
      const { status } = await client.call(
        method,
        method === "POST" ? PATH : `${PATH}/${name}`,
        method === "DELETE" ? undefined : body,
      );
      // A 5xx may come after the write; anything else was refused, and nothing has changed.
      if (status >= 300 && status < 500 && status !== 429) expected.set(name, before);
      if (status >= 300) throw new Error(`refused with ${status}`);
      expected.set(name, [at]);
      acknowledged += 1;
      return true;
    } catch {
      unanswered += 1;
      return false;
    }
  };
  const keepWriting = async (): Promise<void> => {
    for (; !ended; await sleep(PAUSE_MS)) {
      count += 1;
      const name = `${NAME_PREFIX}${count}`;
      let done = await write("POST", { name, at: `${count}` });
      if (done && count % UPDATE_EVERY === 0) done = await write("PUT", { name, at: `${count} again` });
      if (done && count % DELETE_EVERY === 0) await write("DELETE", { name });
    }
  };
  const compare = async (): Promise<void> => {
    const promised = [...expected];
    const values = await listValues(client);
    lists += 1;
    for (const [name, possible] of promised) {
      const changedMeanwhile = expected.get(name) !== possible;
      if (!changedMeanwhile && !possible.includes(values.get(name)))
        lost.push(
          `${name} should be ${possible.map(describe).join(" or ")} and is ${describe(values.get(name))}`,
        );
    }
  };
  const keepListing = async (): Promise<void> => {
    for (; !ended; await sleep(LIST_EVERY_MS)) await compare().catch(() => undefined);
  };
  const working = Promise.all([keepWriting(), keepListing()]);
  return {
    end: async () => {
      ended = true;
      await working;
      await compare();
      client.close();
      return { acknowledged, unanswered, lists, lost };
    },
  };
}

function describe(value: string | undefined): string {
  return value === undefined ? "gone" : `"${value}"`;
}

async function listValues(
  client: ReturnType<typeof openApiClient>,
): Promise<ReadonlyMap<string, string | undefined>> {
  const values = new Map<string, string | undefined>();
  for (let next = ""; ; ) {
    const { status, body } = await client.call("GET", `${PATH}?limit=500${next}`);
    if (status !== 200) throw new Error(`the list was refused with ${status}`);
    const { items, metadata } = body as {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly data?: { readonly at?: string };
      }[];
      readonly metadata: { readonly continue?: string };
    };
    for (const item of items) values.set(item.metadata.name, item.data?.at);
    if (metadata.continue === undefined || metadata.continue === "") return values;
    next = `&continue=${encodeURIComponent(metadata.continue)}`;
  }
}
