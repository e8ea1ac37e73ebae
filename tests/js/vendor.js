// Bundles what the page takes from other projects: `node vendor.js FILE`. Called by vendor.py.

import { buildSync } from "esbuild";

buildSync({
  entryPoints: ["vendor/pdf.js"],
  outfile: process.argv[2],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none", // they stand in LICENCES.txt
  external: ["html2canvas", "dompurify", "canvg"], // what jsPDF would draw HTML and foreign SVG with, which nobody asks for
  banner: { js: "// jsPDF and svg2pdf.js, bundled by `python -m tests.js.vendor`; licences: LICENCES.txt." },
});
