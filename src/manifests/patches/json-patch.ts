import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../core/json.ts";

/**
 * The document after the operations of a JSON patch, in their order. A plain Error says which of them cannot be done.
 * Source: RFC 6902; RFC 6901 for the paths.
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw new Error("a JSON patch is a list of operations");
  return operations.reduce((value: unknown, operation: unknown, index) => {
    try {
      return applyOperation(value, operation);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`operation ${index + 1}: ${why}`);
    }
  }, structuredClone(document));
}

function applyOperation(document: unknown, operation: unknown): unknown {
  if (!isObject(operation)) throw new Error("it is no group of op, path and value");
  const { op, value } = operation;
  const path = parsePointer(operation["path"]);
  switch (op) {
    case "add":
      return insert(document, path, value);
    case "remove":
      return remove(document, path);
    case "replace":
      return insert(remove(document, path), path, value);
    case "copy":
      return insert(document, path, structuredClone(find(document, parsePointer(operation["from"]))));
    case "move": {
      const from = parsePointer(operation["from"]);
      return insert(remove(document, from), path, find(document, from));
    }
    case "test":
      if (isDeepStrictEqual(find(document, path), value)) return document;
      throw new Error(`the value at ${String(operation["path"])} is another`);
    default:
      throw new Error(`there is no operation ${JSON.stringify(op ?? "")}`);
  }
}

function parsePointer(pointer: unknown): readonly string[] {
  if (pointer === "") return [];
  if (typeof pointer !== "string" || !pointer.startsWith("/"))
    throw new Error(`${JSON.stringify(pointer ?? "")} is not a path; write it like /spec/hostNetwork`);
  return pointer
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function find(document: unknown, path: readonly string[]): unknown {
  return path.reduce((value, part, depth) => {
    const found = Array.isArray(value)
      ? (value[listIndex(value, part)] as unknown)
      : isObject(value)
        ? value[part]
        : undefined;
    if (found === undefined) throw new Error(`there is nothing at /${path.slice(0, depth + 1).join("/")}`);
    return found;
  }, document);
}

function insert(document: unknown, path: readonly string[], value: unknown): unknown {
  return change(
    document,
    path,
    (parent, key) => {
      if (!Array.isArray(parent)) return { ...parent, [key]: value };
      const index = key === "-" ? parent.length : listIndex(parent, key);
      if (index > parent.length) throw new Error(`the list has no place ${key}`);
      return parent.toSpliced(index, 0, value);
    },
    value,
  );
}

function remove(document: unknown, path: readonly string[]): unknown {
  find(document, path);
  return change(
    document,
    path,
    (parent, key) => {
      if (Array.isArray(parent)) return parent.toSpliced(listIndex(parent, key), 1);
      return Object.fromEntries(Object.entries(parent).filter(([name]) => name !== key));
    },
    undefined,
  );
}

type Parent = readonly unknown[] | Readonly<Record<string, unknown>>;

/** A copy in which the parent of a path is another; `whole` is what a path without parts gives. */
function change(
  document: unknown,
  path: readonly string[],
  edit: (parent: Parent, key: string) => unknown,
  whole: unknown,
): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return whole;
  if (!Array.isArray(document) && !isObject(document)) throw new Error(`there is nothing to hold ${head}`);
  if (rest.length === 0) return edit(document, head);
  const inner = change(find(document, [head]), rest, edit, whole);
  return Array.isArray(document)
    ? document.with(listIndex(document, head), inner)
    : { ...document, [head]: inner };
}

function listIndex(list: readonly unknown[], key: string): number {
  if (!/^(?:0|[1-9]\d{0,8})$/.test(key)) throw new Error(`${JSON.stringify(key)} is not a place in a list`);
  return Number(key) > list.length ? list.length + 1 : Number(key);
}
