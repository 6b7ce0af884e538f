import { make } from "./page.ts";

export type Item = {
  element: HTMLLIElement;
  uploaded(percent: number): void;
  converted(percent: number): void;
  /** What is going on, in a few words. */
  state(text: string, kind?: "done" | "failed"): void;
  actions(...elements: HTMLElement[]): void;
};

/** A file's row: its name, what is going on, both percentages and what can be done. */
export function createItem(name: string, target: string): Item {
  const state = make("p", { className: "state" });
  const upload = meter("Upload", name);
  const conversion = meter("Conversion", name);
  const actions = make("div", { className: "actions" });
  const title = make("h3", {}, `${name} → ${target}`);
  const element = make(
    "li",
    { className: "item" },
    title,
    state,
    upload.element,
    conversion.element,
    actions,
  );
  return {
    element,
    uploaded: upload.set,
    converted: conversion.set,
    state(text, kind) {
      state.textContent = text;
      element.className = kind ? `item ${kind}` : "item";
    },
    actions: (...elements) => actions.replaceChildren(...elements),
  };
}

function meter(what: string, name: string) {
  const bar = make("progress", { max: 100, value: 0, ariaLabel: `${what} of ${name}` });
  const number = make("output", {}, "0 %");
  const element = make("div", { className: "meter" }, make("span", {}, what), bar, number);
  const set = (percent: number) => {
    bar.value = percent;
    number.textContent = `${Math.floor(percent)} %`;
  };
  return { element, set };
}

export function button(text: string, name: string, press: () => void, quiet = true): HTMLButtonElement {
  const element = make("button", { type: "button", className: quiet ? "quiet" : "" }, text);
  element.ariaLabel = `${text} ${name}`;
  element.addEventListener("click", press);
  return element;
}
