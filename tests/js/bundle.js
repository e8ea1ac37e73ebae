// Makes one file of the page's modules and one of its style sheets: `node bundle.js SCRIPT SHEET FOLDER`. Called by
// bundle.py.

import { buildSync } from "esbuild";

const [script, sheet, folder] = process.argv.slice(2);
const BANNER = "/* Made by `python -m tests.js.bundle` from static/js and static/css; edit those. */";
const settings = {
  bundle: true,
  minify: true,
  target: "es2022", // what Gradio's own scripts ask of a browser too
  logLevel: "warning",
  banner: { js: BANNER, css: BANNER },
};
buildSync({ ...settings, entryPoints: [script], format: "esm", outfile: `${folder}/main.js` });
buildSync({ ...settings, entryPoints: [sheet], external: ["*.woff2"], outfile: `${folder}/page.css` });
