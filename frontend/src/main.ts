/** The page: reads the document that Python wrote into it, and shows it. */

import { mount } from "svelte";
import App from "./App.svelte";
import "./page.css";
import type { PageForm } from "./types";

const target = document.getElementById("app");
const content = document.getElementById("neurarium")?.textContent;
if (target && content) mount(App, { target, props: { page: JSON.parse(content) as PageForm } });
