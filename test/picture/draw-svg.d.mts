export function drawSvg(text: string, options: { readonly columns: number; readonly title: string }): string;
