import handlebars from "handlebars";
import { expect, test } from "vitest";
import { renderTemplate } from "../../../src/manifests/render.ts";

/** A template as the build makes it. */
function compile(text: string): TemplateSpecification {
  const source = handlebars.precompile(text, { noEscape: true, strict: true });
  // The compiler gives the text of an object literal, which is what the bundle holds.
  return new Function(`return ${source}`)() as TemplateSpecification;
}

test("values stand in a template as JSON", async () => {
  expect(await renderTemplate({ template: compile("a: {{json a}}\n"), view: { a: 'x"\u007f<' } })).toBe(
    'a: "x\\"\\u007f<"\n',
  );
});

test.each([
  ["a value that the view lacks", "{{json a}}"],
  ["a value without json", "{{a}}"],
  ["a list that the view lacks", "{{#each a}}x{{/each}}"],
  ["an unknown helper", "{{#with b}}x{{/with_}}"],
])("a template that names %s is a bug", async (_name, template) => {
  await expect((async () => renderTemplate({ template: compile(template), view: {} }))()).rejects.toThrow();
});
