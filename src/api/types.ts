import type { JsonObject } from "../core/json.ts";

/** Any object of the Kubernetes API. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly JsonObject[];
  };
  readonly [field: string]: unknown;
}

/** Where the API server is and who we are, all PEM. */
export interface ApiCredentials {
  /** `https://10.0.0.1:6443` */
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What the API server answered to a request. Errors of the API are answers too; only a broken exchange rejects. */
export interface ApiResponse {
  readonly status: number;
  /** The decoded JSON body; the text under `text` when it is none. */
  readonly body: unknown;
  readonly text: string;
}

/** A small client of the Kubernetes API. Paths start with `/api` or `/apis`. */
export interface ApiClient {
  readonly server: string;
  request(request: {
    readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
    readonly path: string;
    readonly body?: unknown;
    /** For PATCH: `application/strategic-merge-patch+json`, `application/merge-patch+json`. */
    readonly contentType?: string;
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): Promise<ApiResponse>;
  /** Watches a collection; yields `{type, object}` until the server ends it. Rejects when it cannot start. */
  watch(request: { readonly path: string; readonly signal: AbortSignal }): AsyncIterable<WatchEvent>;
  /** Ends kept connections. */
  close(): void;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObject;
}
