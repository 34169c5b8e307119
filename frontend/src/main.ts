/** The page: reads the document that Python wrote into it and shows it, or waits for the chart to open one. */

import { flushSync, mount, unmount } from "svelte";
import type { Address } from "./address";
import App from "./App.svelte";
import Looks from "./Looks.svelte";
import "./page.css";
import { Settings } from "./state.svelte";
import type { PageForm } from "./types";

/** Show looks inside another page, which says the language and the colours on its root. */
function open(target: HTMLElement, page: PageForm, address: Address) {
  const settings = new Settings();
  const tuned = () => settings.choose(document.documentElement.lang, document.documentElement.dataset.theme);
  tuned();
  const looks = mount(Looks, { target, props: { page, settings, address } });
  return {
    follow: () => looks.follow(),
    tuned: () => flushSync(tuned),
    close: () => unmount(looks),
  };
}

const target = document.getElementById("app");
const content = document.getElementById("neurarium")?.textContent;
if (target && content) mount(App, { target, props: { page: JSON.parse(content) as PageForm } });
else window.neurarium = Object.assign(window.neurarium ?? {}, { open });
