/** Markup that is safe to put into a page as it is. */
export type Html = { html: string };
type Value = Html | string | number | undefined | false | readonly Value[];

/** A template whose values are text, and escaped, unless they are `Html` themselves. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  return { html: strings.reduce((text, string, index) => `${text}${render(values[index - 1])}${string}`) };
}

function render(value: Value): string {
  if (value === undefined || value === false) return "";
  if (typeof value === "string" || typeof value === "number") return escaped(String(value));
  if (isList(value)) return value.map(render).join("");
  return value.html;
}

const isList = (value: Html | readonly Value[]): value is readonly Value[] => Array.isArray(value);

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The little of Markdown that descriptions use: paragraphs, numbered lists and `code`. */
export function markdown(text: string): Html {
  return html`${text.split("\n\n").map((block) => {
    const lines = block.split("\n");
    if (!lines.every((line) => /^\d+\. /.test(line))) return html`<p>${inline(block)}</p>`;
    return html`<ol>${lines.map((line) => html`<li>${inline(line.replace(/^\d+\. /, ""))}</li>`)}</ol>`;
  })}`;
}

export function inline(text: string): Html {
  return html`${text.split("`").map((piece, index) => (index % 2 === 0 ? piece : html`<code>${piece}</code>`))}`;
}
