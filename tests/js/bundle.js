// Makes of the page's modules and style sheets what browsers load: `node bundle.js STATIC SHEETS FOLDER`, called by
// bundle.py. SHEETS is a folder with `page.css` and one sheet for each exhibit, which import the others.
//
//     js/main.js                  the start, what exhibits share, and what each says of itself
//     exhibits/<name>/index.js    one exhibit with its sheet; it takes what is shared from main.js
//     figures.js                  the sheet on which a figure is taken away, which takes nothing from main.js
//     lecture.js                  the lecture with its style sheet, likewise
//     page.css                    the sheets that belong to none
//
// main.js exports what exhibits take from it, each name with its module's number in front. What an exhibit says of itself
// stands in main.js and in its own script; so a module of it that remembers something may not be needed for both.

import { readFileSync, readdirSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { build, buildSync } from "esbuild";

const [root, sheets, folder] = process.argv.slice(2);
const scripts = join(root, "js");
const rooms = join(scripts, "exhibits") + sep;
const exhibits = readdirSync(sheets)
  .map((name) => name.replace(".css", ""))
  .filter((name) => name !== "page")
  .sort();
const indexOf = (name) => join(rooms, name, "index.js");
const BANNER = "/* Made by `python -m tests.js.bundle` from static/js and static/css; edit those. */";
const REMEMBERS = /^(let |(export )?const \w+ = new (Map|Set)\b)/m; // a WeakMap holds only what was made of its keys
const settings = {
  bundle: true,
  minify: true,
  target: "es2022", // what Gradio's own scripts ask of a browser too
  logLevel: "warning",
  banner: { js: BANNER, css: BANNER },
};
const script = { ...settings, format: "esm" };
/** Whether a module is loaded when a person takes a figure away or gives a lecture, or by a notebook alone. */
const later = (path) =>
  ["figures", "lecture", "notebook", "vendor"].some((name) => path.startsWith(join(scripts, name) + sep));
const shared = readdirSync(scripts, { recursive: true })
  .map((name) => join(scripts, name))
  .filter(
    (path) => path.endsWith(".js") && !later(path) && !path.startsWith(rooms) && path !== join(scripts, "main.js"),
  )
  .sort();

/** The names that each module exports. */
function exported(modules) {
  const { metafile } = buildSync({ ...script, entryPoints: modules, outdir: folder, metafile: true, write: false });
  const all = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint);
  return Object.fromEntries(all.map(({ entryPoint, exports }) => [resolve(entryPoint), exports]));
}

const names = exported([...shared, ...exhibits.map(indexOf)]);
const renamed = (path, as) => names[path].map((name) => as(name, `$${shared.indexOf(path)}${name}`)).join(", ");

/** The shared modules that some exhibit imports: the others stay private to main.js. */
const taken = new Set();

/** What an exhibit imports of the shared modules is main.js's. */
const fromMain = {
  name: "shared modules from main.js",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, namespace }) => {
      if (namespace === "shared") return { path, external: true };
      const absolute = join(resolveDir, path);
      if (absolute.startsWith(rooms)) return null;
      taken.add(absolute);
      return { path: absolute, namespace: "shared" };
    });
    onLoad({ filter: /.*/, namespace: "shared" }, ({ path }) => ({
      contents: `export { ${renamed(path, (name, inMain) => `${inMain} as ${name}`)} } from "../../js/main.js";`,
      resolveDir: rooms,
    }));
  },
};

/** What all exhibits say of themselves, in the place of static/js/state/about.js. */
const said = () => {
  const told = exhibits.map((name) => {
    const own = names[indexOf(name)].filter((one) => one !== "mount");
    const list = own.map((one) => `${one} as ${name}$${one}`).join(", ");
    return {
      from: `import { ${list} } from "../exhibits/${name}/index.js";`,
      entry: `${name}: { ${own.map((one) => `${one}: ${name}$${one}`).join(", ")} }`,
    };
  });
  return `${told.map(({ from }) => from).join("\n")}
    const all = { ${told.map(({ entry }) => entry).join(", ")} };
    export const about = (name) => all[name];`;
};
const aboutAll = {
  name: "about all exhibits",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/exhibits\/\w+\/|^\.\// }, ({ path, resolveDir }) => {
      const absolute = join(resolveDir, path);
      return absolute.startsWith(rooms) ? { path: absolute, sideEffects: false } : null;
    });
    onLoad({ filter: /[/\\]state[/\\]about\.js$/ }, () => ({ contents: said(), resolveDir: join(scripts, "state") }));
  },
};

/** A statement that puts a sheet into the page. */
const added = (entry) => {
  const [{ text }] = buildSync({ ...settings, banner: {}, entryPoints: [entry], write: false }).outputFiles;
  return `document.head.append(Object.assign(document.createElement("style"), { textContent: ${JSON.stringify(text)} }));`;
};

/** An exhibit's script, which puts its sheet into the page first: before that, nothing of it can be measured. */
const withSheet = (name) => `
    ${added(join(sheets, `${name}.css`))}
    export { mount } from "./${name}/index.js";`;

/** The modules of exhibits of which something is in a built file. */
const within = ({ metafile }) =>
  Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput && resolve(path).startsWith(rooms) ? [resolve(path)] : [],
    ),
  );

const inRooms = new Set();
for (const name of exhibits) {
  const made = await build({
    ...script,
    stdin: { contents: withSheet(name), resolveDir: rooms },
    outfile: `${folder}/exhibits/${name}/index.js`,
    plugins: [fromMain],
    metafile: true,
  });
  for (const path of within(made)) inRooms.add(path);
}
const reexported = [...taken].sort().map((path) => {
  const from = `./${relative(scripts, path).split(sep).join("/")}`;
  return `export { ${renamed(path, (name, inMain) => `${name} as ${inMain}`)} } from "${from}";`;
});
const main = await build({
  ...script,
  stdin: { contents: ['export * from "./main.js";', ...reexported].join("\n"), resolveDir: scripts },
  outfile: `${folder}/js/main.js`,
  plugins: [aboutAll],
  metafile: true,
});
const twice = within(main).filter((path) => inRooms.has(path) && REMEMBERS.test(readFileSync(path, "utf8")));
if (twice.length) throw new Error(`would be there twice, and remembers something: ${twice.join(", ")}`);
const lectureSheet = {
  name: "the lecture's sheet",
  setup({ onLoad }) {
    const contents = `${added(join(root, "css", "lecture.css"))} export const addSheet = async () => {};`;
    onLoad({ filter: /[/\\]lecture[/\\]sheet\.js$/ }, () => ({ contents }));
  },
};
await build({
  ...script,
  entryPoints: [join(scripts, "lecture", "index.js")],
  outfile: `${folder}/lecture.js`,
  plugins: [lectureSheet],
});
buildSync({ ...script, entryPoints: [join(scripts, "figures", "sheet.js")], outfile: `${folder}/figures.js` });
buildSync({
  ...settings,
  entryPoints: [join(sheets, "page.css")],
  external: ["*.woff2"],
  outfile: `${folder}/page.css`,
});
