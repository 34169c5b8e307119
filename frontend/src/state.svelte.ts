/** What the page's parts share: the language and colours that were chosen, and the looks with their redraws. */

import { flushSync } from "svelte";
import { DARK, LIGHT, type Theme } from "./draw/colours";
import { Live, type Setting } from "./live";
import { type Key, say } from "./tongue";
import type { Language, LookForm, Text } from "./types";

export type ThemeName = "system" | "light" | "dark";

export const systemLanguage: Language = /^es\b/.test(navigator.language) ? "es" : "en";
const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
const prefersLittle = window.matchMedia("(prefers-reduced-motion: reduce)");

export class Settings {
  language = $state.raw<Language>("en");
  themeName = $state.raw<ThemeName>("system");
  private systemDark = $state.raw(prefersDark.matches);
  private printing = $state.raw(false);
  readonly dark = $derived(!this.printing && (this.themeName === "system" ? this.systemDark : this.themeName === "dark"));
  readonly theme: Theme = $derived(this.dark ? DARK : LIGHT);

  constructor() {
    prefersDark.addEventListener("change", (event) => (this.systemDark = event.matches));
    window.addEventListener("beforeprint", () => flushSync(() => (this.printing = true)));
    window.addEventListener("afterprint", () => (this.printing = false));
  }

  /** Language and colours by their names; other names mean those of the system. */
  choose(language?: string | null, theme?: string | null): void {
    this.language = language === "en" || language === "es" ? language : systemLanguage;
    this.themeName = theme === "dark" || theme === "light" ? theme : "system";
  }

  say = (key: Key, ...parts: (string | number)[]): string => say(this.language, key, ...parts);
}

/** Milliseconds between the steps of what plays. */
export function pace(): number {
  return prefersLittle.matches ? 1000 : 180;
}

/** What a person holds while drawing or setting points. */
export class Tools {
  erase = $state.raw(false);
  size = $state.raw(1);
  colour = $state.raw("#000000");
  /** The class of points to come. */
  group = $state.raw(0);
  /** The chosen point, -1 for none. */
  chosen = $state.raw(-1);
}

export class Look {
  /** Counts the redraws; whoever shows numbers reads it. */
  tick = $state.raw(0);
  /** Milliseconds of the last redraw. */
  took = 0;
  playing = $state.raw<string | null>(null);
  readonly tools: Record<string, Tools> = {};
  private waiting = false;
  private timer = 0;

  private constructor(
    readonly live: Live,
    private readonly changed: () => void,
  ) {
    for (const control of live.scene.controls) {
      if (control.is === "picture" || control.is === "pointset") {
        this.tools[control.name] = new Tools();
      }
    }
  }

  static async open(form: LookForm, changed: () => void): Promise<Look> {
    return new Look(await Live.open(form), changed);
  }

  get name(): string {
    return this.live.scene.look;
  }

  told(text: Text, language: Language): string {
    void this.tick;
    return this.live.told(text, language);
  }

  /** What a control is set to. */
  setting<T extends Setting>(name: string): T {
    void this.tick;
    return this.live.settings.get(name) as T;
  }

  set(name: string, setting: Setting): void {
    this.live.set(name, setting);
    this.schedule();
  }

  setAll(settings: Record<string, number>): void {
    for (const [name, value] of Object.entries(settings)) this.live.set(name, this.fitting(name, value));
    this.schedule();
  }

  /** A number as the control takes it. */
  private fitting(name: string, value: number): Setting {
    const control = this.live.controls.get(name);
    if (control?.is === "toggle") return value !== 0;
    if (control?.is === "number") return Math.min(Math.max(value, control.low), control.high);
    return value;
  }

  press(name: string): void {
    this.live.press(name);
    this.schedule();
  }

  /** Controls as they were at first; without a name all of them. */
  reset(name?: string): void {
    if (name === undefined) this.stop();
    for (const each of name === undefined ? this.live.settings.keys() : [name]) {
      this.live.reset(each);
      if (each in this.tools) this.tools[each].chosen = -1;
    }
    this.schedule();
  }

  schedule(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => this.redraw());
  }

  redraw(): void {
    this.waiting = false;
    const start = performance.now();
    flushSync(() => this.tick++);
    this.took = performance.now() - start;
    this.changed();
  }

  // Playing: a slider that runs, or a button that is pressed again and again.

  play(name: string, step: () => boolean): void {
    this.stop();
    this.playing = name;
    const turn = () => {
      if (!step()) this.stop();
    };
    turn();
    if (this.playing === name) this.timer = window.setInterval(turn, pace());
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.playing = null;
  }
}
