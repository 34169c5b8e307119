/** Opens looks inside the page: what runs them, and their numbers, lie in it as deflated text until they are asked for. */

import { replaceFragment, type Address } from "../address";
import type { PageForm } from "../types";
import { routeOf, textOf } from "./route";
import { keep } from "./speech";

type Opened = ReturnType<NonNullable<Window["neurarium"]["open"]>>;

let runtime: Promise<void> | null = null;
let opened: { id: string; looks: Opened } | null = null;
let wanted = "";

/** The looks' own part of the address. */
const address: Address = {
  read() {
    const { look, parameters } = routeOf(location.hash);
    if (look) parameters.set("look", look);
    return parameters;
  },
  write(parameters) {
    const route = routeOf(location.hash);
    if (route.kind === "chart") return;
    const look = parameters.get("look") ?? "";
    parameters.delete("look");
    replaceFragment(textOf({ ...route, look, parameters: keep(parameters) }));
  },
};

/** Show the looks of a network, or a lab; those of another are closed. */
export async function open(target: HTMLElement): Promise<void> {
  const id = target.dataset.open ?? "";
  wanted = id;
  if (opened?.id === id) {
    await opened.looks.follow();
    return;
  }
  close(id);
  runtime ??= unpacked("script").then(run);
  const [content] = await Promise.all([unpacked(id), runtime]);
  if (wanted !== id || opened !== null) return;
  const looks = window.neurarium.open?.(target, JSON.parse(content) as PageForm, address);
  if (!looks) return;
  opened = { id, looks };
  await window.neurarium.ready;
}

/** Close what is open. */
export function close(next = ""): void {
  wanted = next;
  void opened?.looks.close();
  opened = null;
}

/** Language or colours have changed. */
export function tuned(): void {
  opened?.looks.tuned();
}

async function unpacked(id: string): Promise<string> {
  if (!document.getElementById(id) && document.readyState === "loading") {
    await new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
  }
  const letters = document.getElementById(id)?.textContent ?? "";
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
}

function run(source: string): void {
  const script = document.createElement("script");
  script.textContent = source;
  document.head.append(script);
}
