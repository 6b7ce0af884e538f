import { useEffect } from "react";
import { text } from "../text.ts";
import { pageTitle } from "./title.ts";

/** Names the open page in the tab's title; without a name it is the home page. */
export function useTitle(name?: string): void {
  useEffect(() => pageTitle.set(name ? text.documentTitle.page(name) : text.title), [name]);
}
