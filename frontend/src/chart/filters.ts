/** Which networks of the chart are shown, and which are lit because they have a kind of cell. */

import { language } from "./speech";

const NAMES = ["family", "verb", "from", "to"] as const;
const WORDS = {
  count: { en: "{0} of {1} networks", es: "{0} de {1} redes" },
  one: { en: "{0} network has it.", es: "{0} red la tiene." },
  lit: { en: "{0} networks have it.", es: "{0} redes la tienen." },
  lab: { en: "See the cell at work", es: "Ver la celda en acción" },
};

function say(key: keyof typeof WORDS, ...parts: number[]): string {
  return WORDS[key][language()].replace(/\{(\d)\}/g, (_, place: string) => String(parts[Number(place)]));
}

export class Filters {
  private readonly form = document.getElementById("filters") as HTMLFormElement;
  private readonly tiles = [...document.querySelectorAll<HTMLElement>(".tile")];
  private readonly dots = new Map([...document.querySelectorAll<SVGElement>(".timeline [data-code]")].map((dot) => [dot.dataset.code, dot]));
  private readonly switches = [...document.querySelectorAll<HTMLButtonElement>("[data-cell]")];
  private readonly front = document.querySelector<HTMLElement>(".front");
  private cell = "";

  /** Whoever listens is told after every change. */
  constructor(changed: () => void) {
    this.form.addEventListener("input", ({ target }) => {
      if (target instanceof HTMLInputElement) this.order(target.name);
      this.show();
      changed();
    });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("reset", () =>
      setTimeout(() => {
        this.cell = "";
        this.show();
        changed();
      }),
    );
    for (const each of this.switches) {
      each.addEventListener("click", () => {
        const chosen = each.dataset.cell ?? "";
        this.cell = this.cell === chosen ? "" : chosen;
        this.show();
        changed();
      });
    }
    for (const tile of this.tiles) {
      if (tile.dataset.state === "live") this.dots.get(tile.dataset.code)?.classList.add("live");
    }
  }

  private field(name: string): HTMLInputElement {
    return this.form.elements.namedItem(name) as HTMLInputElement;
  }

  /** The first year is not after the last: the one that was not touched gives way. */
  private order(moved: string): void {
    const [from, to] = [this.field("from"), this.field("to")];
    if (Number(from.value) <= Number(to.value)) return;
    if (moved === "from") to.value = from.value;
    else from.value = to.value;
  }

  /** What differs from the chart as a whole. */
  keep(parameters: URLSearchParams): URLSearchParams {
    for (const name of NAMES) {
      const field = this.field(name);
      if (field.value !== start(field)) parameters.set(name, field.value);
    }
    if (this.cell) parameters.set("cell", this.cell);
    return parameters;
  }

  follow(parameters: URLSearchParams): void {
    for (const name of NAMES) {
      const field = this.field(name);
      const given = parameters.get(name) ?? "";
      field.value = field.type !== "range" || /^\d+$/.test(given) ? given : start(field);
      if (!field.value) field.value = start(field); // a menu has no such entry
    }
    this.order("from");
    const cell = parameters.get("cell") ?? "";
    this.cell = this.switches.some((each) => each.dataset.cell === cell) ? cell : "";
    this.show();
  }

  /** Show what the menus say, in the words of the language. */
  show(): void {
    const [family, verb, from, to] = NAMES.map((name) => this.field(name).value);
    let shown = 0;
    let lit = 0;
    for (const tile of this.tiles) {
      const { code, year, cells = "" } = tile.dataset;
      const fits = (!family || tile.dataset.family === family) && (!verb || tile.dataset.verb === verb) && Number(year) >= Number(from) && Number(year) <= Number(to);
      const has = this.cell !== "" && cells.split(" ").includes(this.cell);
      tile.hidden = !fits;
      tile.classList.toggle("has", has);
      this.dots.get(code)?.classList.toggle("out", !fits || (this.cell !== "" && !has));
      shown += Number(fits);
      lit += Number(has && fits);
    }
    for (const list of document.querySelectorAll<HTMLElement>(".tiles")) {
      const empty = [...list.children].every((tile) => (tile as HTMLElement).hidden);
      list.hidden = empty;
      const title = list.previousElementSibling;
      if (title instanceof HTMLElement && title.matches(".around")) title.hidden = empty;
    }
    document.querySelector<HTMLElement>(".none")?.toggleAttribute("hidden", shown > 0);
    this.front?.classList.toggle("lighting", this.cell !== "");
    for (const each of this.switches) each.setAttribute("aria-pressed", String(each.dataset.cell === this.cell));
    for (const name of ["from", "to"]) this.field(name).nextElementSibling?.replaceChildren(this.field(name).value);
    this.form.querySelector(".count")?.replaceChildren(say("count", shown, this.tiles.length));
    this.told(lit);
  }

  private told(lit: number): void {
    const line = document.querySelector(".lit");
    if (!line) return;
    line.replaceChildren();
    if (!this.cell) return;
    line.append(say(lit === 1 ? "one" : "lit", lit));
    if (!document.getElementById("/lab/cells")) return;
    const link = document.createElement("a");
    link.href = `#/lab/cells?kind=${this.switches.findIndex((each) => each.dataset.cell === this.cell)}`;
    link.textContent = say("lab");
    line.append(" ", link);
  }
}

function start(field: HTMLInputElement | HTMLSelectElement): string {
  return field instanceof HTMLInputElement ? field.defaultValue : "";
}
