/** A template as templates/precompile.mjs makes it. */
declare module "*.hbs" {
  export const template: TemplateSpecification;
}
