import { existsSync, readdirSync, readFileSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** Every page carries parts of other people's packages, whose licences ask to go along. */
function licences() {
  return {
    name: "licences",
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle).filter(({ type }) => type === "chunk")) {
        const folders = Object.entries(chunk.modules).flatMap(([module, { renderedLength }]) =>
          renderedLength ? (module.match(/^.*\/node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []) : [],
        );
        chunk.code = [...new Set(folders)].sort().map(licence).join("") + chunk.code;
      }
    },
  };
}

function licence(folder) {
  const file = existsSync(folder) && readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const about = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  if (!file) throw new Error(`${about.name} comes without the text of its licence: a page must not carry it`);
  // Links are left out: a page needs no address outside.
  const text = readFileSync(`${folder}/${file}`, "utf8").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  return `/*! Parts of ${about.name}\n${text.replace(/\(?https?:\S+/g, "").trim()}\n*/\n`;
}

/** Nothing comes drawn from a server: a constant in the place of Svelte's variable lets its code for that fall away. */
function undrawn() {
  return {
    name: "undrawn",
    transform(code, module) {
      if (!module.endsWith("/svelte/src/internal/client/dom/hydration.js")) return;
      const [variable, write] = ["export let hydrating = false;", "hydrating = value;"];
      if (!code.includes(variable) || !code.includes(write)) throw new Error("Svelte says otherwise whether it hydrates");
      return { code: code.replace(variable, "export const hydrating = false;").replace(write, ""), map: null };
    },
  };
}

// One plain script and one style sheet with names that stay: Python writes both into every page. The chart has a small
// script of its own, which opens the other one when it is needed: `--mode chart`.
const OUTPUT = {
  chart: { input: "src/chart/main.ts", entryFileNames: "chart.js" },
  production: { input: "src/main.ts", entryFileNames: "page.js" },
};

export default defineConfig(({ mode }) => ({
  plugins: [svelte({ compilerOptions: { css: "external", discloseVersion: false } }), undrawn(), licences()],
  build: {
    outDir: "../src/neurarium/page/static",
    emptyOutDir: false,
    modulePreload: false,
    sourcemap: false,
    cssCodeSplit: false,
    assetsInlineLimit: Infinity,
    rolldownOptions: {
      optimization: { inlineConst: true },
      input: (OUTPUT[mode] ?? OUTPUT.production).input,
      output: {
        format: "iife",
        entryFileNames: (OUTPUT[mode] ?? OUTPUT.production).entryFileNames,
        assetFileNames: "page.[ext]",
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
}));
