/** The page's language and colours. Sentences stand in it in both languages; the style shows those of the root's. */

import type { Language } from "../types";

const root = document.documentElement;
export const START = language();

export function language(): Language {
  return root.lang === "es" ? "es" : "en";
}

/** Where there is room for one language, the two change places. */
export function speak(next: Language): void {
  if (next === language()) return;
  root.lang = next;
  for (const [attribute, other] of [["aria-label", "label"], ["", "text"]]) {
    for (const element of document.querySelectorAll<HTMLElement>(`[data-${other}]`)) {
      const before = attribute ? element.getAttribute(attribute) : element.textContent;
      const after = element.dataset[other] ?? "";
      if (attribute) element.setAttribute(attribute, after);
      else element.textContent = after;
      element.dataset[other] = before ?? "";
    }
  }
}

export type Theme = "system" | "light" | "dark";

export function theme(): Theme {
  const { theme } = root.dataset;
  return theme === "light" || theme === "dark" ? theme : "system";
}

export function colour(next: string | null): void {
  root.dataset.theme = next === "light" || next === "dark" ? next : "system";
}

/** Language and colours as part of an address, where they are not what the page begins with. */
export function keep(parameters: URLSearchParams): URLSearchParams {
  if (language() !== START) parameters.set("lang", language());
  if (theme() !== "system") parameters.set("theme", theme());
  return parameters;
}

export function follow(parameters: URLSearchParams): void {
  const lang = parameters.get("lang");
  speak(lang === "en" || lang === "es" ? lang : START);
  colour(parameters.get("theme"));
}
