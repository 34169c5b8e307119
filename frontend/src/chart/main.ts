/** The chart: which sheet is open, what is filtered, and in which language and colours, all of it in the address. */

import { replaceFragment } from "../address";
import type { Language } from "../types";
import { Filters } from "./filters";
import { close, open, tuned } from "./opening";
import { routeOf, textOf, type Route } from "./route";
import { colour, follow as tune, keep, language, speak, theme } from "./speech";

const root = document.documentElement;
const [languages, themes] = ["language", "theme"].map((id) => document.getElementById(id) as HTMLSelectElement);
const filters = new Filters(remember);
const sheets = [...document.querySelectorAll<HTMLElement>(".sheet")];
const start = document.title;
let left = 0; // how far down the chart was read
let shown = "";

/** Write filters, language and colours into the address as it stands. */
function remember(): void {
  const route = routeOf(location.hash);
  const parameters = keep(route.kind === "chart" ? filters.keep(new URLSearchParams()) : without(route.parameters));
  const text = textOf({ ...route, parameters });
  replaceFragment(text === "/" ? "" : text);
}

function without(parameters: URLSearchParams): URLSearchParams {
  parameters.delete("lang");
  parameters.delete("theme");
  return parameters;
}

/** Show what the address says. */
async function follow(): Promise<void> {
  const route = routeOf(location.hash);
  if (shown === "" || route.parameters.has("lang") || route.parameters.has("theme")) tune(route.parameters);
  languages.value = language();
  themes.value = theme();
  const sheet = sheetOf(route);
  const id = sheet?.id ?? "/";
  const fresh = id !== shown;
  const came = shown;
  shown = id;
  for (const each of sheets) each.classList.toggle("open", each === sheet);
  root.classList.toggle("away", sheet !== undefined);
  named(sheet);
  if (sheet === undefined) {
    close();
    filters.follow(route.parameters);
    if (came.startsWith("/net") || came.startsWith("/lab")) back(came);
    return;
  }
  if (fresh) {
    window.scrollTo(0, 0);
    if (came) sheet.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }
  const target = sheet.querySelector<HTMLElement>(".live");
  if (target) await open(target);
}

function sheetOf({ kind, name }: Route): HTMLElement | undefined {
  const id = `/${kind}/${name}`.toLowerCase();
  return sheets.find((each) => each.id.toLowerCase() === id);
}

function named(sheet: HTMLElement | undefined): void {
  const title = sheet?.querySelector<HTMLElement>("h1")?.innerText;
  const front = document.querySelector<HTMLElement>(".front h1");
  document.title = title ? `${title} · neurarium` : (front?.innerText ?? start);
}

/** Back on the chart where it was left, at the tile that was open. */
function back(id: string): void {
  document.querySelector<HTMLElement>(`[href="#${CSS.escape(id).replace(/\\\//g, "/")}"]`)?.focus({ preventScroll: true });
  window.scrollTo(0, left);
}

document.addEventListener("click", ({ target }) => {
  const link = (target as Element).closest("a");
  if (link?.getAttribute("href")?.startsWith("#/") && shown === "/") left = window.scrollY;
});
languages.addEventListener("change", () => changed(() => speak(languages.value as Language)));
themes.addEventListener("change", () => changed(() => colour(themes.value)));
window.addEventListener("hashchange", () => (window.neurarium.ready = follow()));

function changed(change: () => void): void {
  change();
  filters.show();
  named(sheets.find((each) => each.classList.contains("open")));
  tuned();
  remember();
}

window.neurarium = Object.assign(window.neurarium ?? {}, { ready: follow() });
