// node benchmarks/run.mjs: build the benchmark as the page is built, and run it.
import { build } from "vite";

const { output } = await build({
  configFile: false,
  logLevel: "warn",
  build: { write: false, rolldownOptions: { input: "benchmarks/executor.ts", preserveEntrySignatures: "strict" } },
});
const code = Buffer.from(output[0].code).toString("base64");
const { report } = await import(`data:text/javascript;base64,${code}`);
process.stdout.write(`${report().join("\n")}\n`);
