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

/** A client that creates, deletes and lists until it is ended. */
export interface ApiLoad {
  /** Stops, then reads everything once more. */
  end(): Promise<LoadReport>;
}

const PATH = "/api/v1/namespaces/default/configmaps";
const NAME_PREFIX = "soak-";

/** One write at a time, some ten a second: enough that one is under way at each kill. */
const PAUSE_MS = 80;
const LIST_EVERY_MS = 5_000;
/** Every fifth object is deleted again. */
const DELETE_EVERY = 5;

/** Begins to write and to read. What a write came to is known only from its answer. */
export function startApiLoad(plane: TestPlane): ApiLoad {
  const client = openApiClient(plane);
  const expected = new Map<string, "there" | "gone" | "unknown">();
  const lost: string[] = [];
  let [acknowledged, unanswered, lists, count] = [0, 0, 0, 0];
  let ended = false;

  const write = async (name: string, method: "POST" | "DELETE"): Promise<void> => {
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { at: String(count) } };
    const before = expected.get(name);
    expected.set(name, "unknown");
    try {
      const { status } =
        method === "POST"
          ? await client.call(method, PATH, body)
          : await client.call(method, `${PATH}/${name}`);
      if (status >= 300) {
        // A 5xx may come after the write; anything else was refused, and nothing has changed.
        if (status < 500 && status !== 429 && before !== undefined) expected.set(name, before);
        unanswered += 1;
        return;
      }
      expected.set(name, method === "POST" ? "there" : "gone");
      acknowledged += 1;
    } catch {
      unanswered += 1;
    }
  };
  const keepWriting = async (): Promise<void> => {
    for (; !ended; await sleep(PAUSE_MS)) {
      count += 1;
      const name = `${NAME_PREFIX}${count}`;
      await write(name, "POST");
      if (count % DELETE_EVERY === 0 && expected.get(name) === "there") await write(name, "DELETE");
    }
  };
  const compare = async (): Promise<void> => {
    const promised = [...expected].filter(([, state]) => state !== "unknown");
    const names = await listNames(client);
    lists += 1;
    for (const [name, state] of promised) {
      const changedMeanwhile = expected.get(name) !== state;
      if (!changedMeanwhile && names.has(name) !== (state === "there"))
        lost.push(`${name} should be ${state}`);
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

async function listNames(client: ReturnType<typeof openApiClient>): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (let next = ""; ; ) {
    const { status, body } = await client.call("GET", `${PATH}?limit=500${next}`);
    if (status !== 200) throw new Error(`the list was refused with ${status}`);
    const { items, metadata } = body as {
      readonly items: readonly { readonly metadata: { readonly name: string } }[];
      readonly metadata: { readonly continue?: string };
    };
    for (const item of items) names.add(item.metadata.name);
    if (metadata.continue === undefined || metadata.continue === "") return names;
    next = `&continue=${encodeURIComponent(metadata.continue)}`;
  }
}
