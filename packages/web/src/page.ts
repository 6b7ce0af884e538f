/** An element of the page by its id. Throws where the page and the program do not fit together. */
export function find<E extends HTMLElement>(id: string, kind: abstract new () => E): E {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The page has no #${id}`);
}

type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[Tag], "style" | "children">
>;

/** Makes an element; text is always text, never markup. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties<Tag> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Says something to those who cannot see the page. */
export function announce(text: string): void {
  find("live", HTMLElement).textContent = text;
}

/** Shows what went wrong with the page as a whole, or takes it back. */
export function notice(text = ""): void {
  const place = find("notice", HTMLElement);
  place.textContent = text;
  place.hidden = text === "";
}
