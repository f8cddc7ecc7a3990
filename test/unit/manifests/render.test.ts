import { expect, test } from "vitest";
import { renderTemplate } from "../../../src/manifests/render.ts";

test("values stand in a template as JSON", async () => {
  expect(await renderTemplate({ template: "a: {{json a}}\n", view: { a: 'x"\u007f<' } })).toBe(
    'a: "x\\"\\u007f<"\n',
  );
});

test.each([
  ["a value that the view lacks", "{{json a}}"],
  ["a value without json", "{{a}}"],
  ["a list that the view lacks", "{{#each a}}x{{/each}}"],
  ["an unknown helper", "{{#with b}}x{{/with_}}"],
])("a template that names %s is a bug", async (_name, template) => {
  await expect(renderTemplate({ template, view: {} })).rejects.toThrow();
});
