// Where it is had from what an exhibit's script says of itself, all but `mount`. Built files have that of all exhibits in
// main.js, so that a page knows them before their scripts are there: tests/js/bundle.js puts a module of its own in the
// place of this one.

/**
 * @param {string} name
 * @returns {Promise<Partial<Exhibit>>}
 */
export const about = (name) => import(`../exhibits/${name}/index.js`);
