/**
 * A template filled with a view. Values stand in it as `{{json x}}`, and blocks are `each` and `if`.
 * A name that the view lacks, and an `each` over what is no list, are bugs and raise plain Errors.
 */
export async function renderTemplate(input: {
  readonly template: TemplateSpecification;
  readonly view: object;
}): Promise<string> {
  const { default: handlebars } = await import("handlebars/runtime");
  const engine = handlebars.create();
  const each = engine.helpers["each"];
  engine.registerHelper("json", (value: unknown) => formatJson(value));
  engine.registerHelper("each", function (this: unknown, list: unknown, options: unknown) {
    if (!Array.isArray(list)) throw new Error("a template's each needs a list");
    return each?.call(this, list, options);
  });
  return engine.template(input.template)(input.view, {});
}

/** JSON is YAML but for control characters, which YAML wants escaped. */
function formatJson(value: unknown): string {
  if (value === undefined) throw new Error("a template names a value that its view does not have");
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
