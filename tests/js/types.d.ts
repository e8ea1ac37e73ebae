// What travels between the scripts of the page, for their checker alone: nothing of this is shipped. Whatever the server
// sends is described where it is made: the catalog in app/page/page.py, a frame in app/wire/payload.py.

type Store = import("../../static/js/state/store.js").Store;
type Pattern = import("../../static/js/state/decode.js").Pattern;
type Rows = import("../../static/js/state/decode.js").Rows;

/** What a token is, wherever it stands; a prediction has no place in a text. */
interface Token {
  id: number | null;
  text: string;
  /** Its bytes in hexadecimal. */
  raw: string;
  special: boolean;
  start?: number;
  end?: number;
}

/** An entry of the vocabulary with what the model gives it. */
interface Candidate extends Token {
  logit: number;
  /** By the untouched logits; `scaled` after the temperature; `chance` what it is drawn with. */
  probability: number;
  kept: boolean;
  scaled: number;
  chance: number;
}

/** One kind of attention of a model: model/config/stacks.py. */
interface Stack {
  layers: number;
  causal: boolean;
  windows: (number | null)[];
  asks: string;
  reads: string;
}

type Family = "gpt" | "bert" | "t5";

/** A model as the catalog describes it. */
interface ModelDescription {
  family: Family;
  stacks: Record<string, Stack>;
  n_layers: number;
  n_heads: number;
  n_kv_heads: number;
  d_vocab: number;
  /** Whether it says which tokens are likely. */
  predicts: boolean;
  /** What holds of it: see `app.page.traits`. */
  traits: string[];
  experts: { layers: number[]; n_experts: number; d_expert: number; switched: boolean } | null;
  /** What it is and has read, of one that is bundled. */
  about?: string | null;
  [more: string]: any;
}

/** One of several states that are shown in turn: app/wire/step.py. */
interface Step {
  exhibit: string;
  says: string;
  focus: string;
  state: Record<string, any>;
  families: Family[];
  feed: "experts" | "mlp" | null;
  trait: string | null;
  /** Whether it is about what a model predicts. */
  speaks: boolean;
}

interface Catalog {
  walk: string[];
  /** By exhibit. */
  steps: Record<string, Step[]>;
  follow: Step[];
  models: Record<string, ModelDescription>;
  /** What a page shows that was opened without an address of its own. */
  default: { model: string; text: string; exhibit: string };
  limits: Record<string, number>;
  [more: string]: any;
}

interface Sampling {
  temperature: number;
  top_k: number;
  top_p: number;
  min_p: number;
  seed: number;
}

/** What is changed in the model, by the name of the part: state/interventions.js. */
interface Interventions {
  mask?: string;
  by?: string;
  [part: string]: number | string | undefined;
}

/** What is kept to compare with. */
interface Pin {
  text: string;
  model: string;
  interventions: Interventions;
}

/** All that a person sets: state/state.js says what each is. */
interface State {
  exhibit: string;
  model: string;
  text: string;
  layer: number;
  head: number;
  query: number | null;
  key: number | null;
  written: number | null;
  hidden: string | null;
  hover: { query?: number; key?: number; token?: number } | null;
  view: string;
  sampling: Sampling;
  interventions: Interventions;
  draws: number;
  pin: Pin | null;
  theme: string | null;
  step: number | null;
  /** The exhibits' own fields. */
  [field: string]: any;
}

/** What the server computed for a state, with what it was asked for with. */
interface Frame {
  seq: number;
  text: string;
  model: string;
  exhibit: string;
  sampling: Sampling;
  interventions: Interventions;
  pin: Pin | null;
  notice: string | null;
  tokens: Token[];
  written: Token[] | null;
  mask: string | null;
  /** The text is read as if a space stood in front of it. */
  puts_space_in_front: boolean;
  position: number;
  next: { top: Candidate[]; kept: number; d_vocab: number; entropy_bits: number; [more: string]: any } | null;
  unsaid: string | null;
  pinned: any;
  absent: string | null;
  arrays: Record<string, any>;
  timing_ms: Record<string, number>;
  /** What the open exhibit's frame.py adds. */
  [more: string]: any;
}

/** A part of the state that is an exhibit's own: state/fields.js. */
interface Field {
  initial: any;
  write(value: any): string;
  read(text: string): any;
  within?(value: any, model: ModelDescription): any;
  ofModel?: boolean;
}

/** What may be found by measuring a frame's array: state/settings.js. */
interface Find {
  needs: string;
  find(frame: Frame, model: ModelDescription): Partial<State>;
}

/** A link to a model that this server has not got. */
interface Away {
  model: string;
  fragment: string;
}

/** Brings an exhibit's markup to life: state/registry.js. */
type Mount = (root: HTMLElement, store: Store) => { draw(store: Store): void };

/** What an exhibit's script says of itself: state/registry.js. */
interface Exhibit {
  asks: string[];
  fields: Record<string, Field>;
  addressed: string[];
  ribbon: boolean;
  roleOfText(frame: Frame): "query" | "key" | null;
  weights(view: Store, query: number): ((token: number) => number) | null;
  enlarges: string[];
  takesApart: ((id: number) => Partial<State>) | null;
  finds: Record<string, Find>;
  examples: object[];
}

/** What `element` of dom.js makes is made of elements. */
interface OfElements {
  firstChild: HTMLElement & OfElements;
  lastChild: HTMLElement & OfElements;
  firstElementChild: HTMLElement & OfElements;
  lastElementChild: HTMLElement & OfElements;
  nextSibling: HTMLElement & OfElements;
  children: HTMLCollectionOf<HTMLElement & OfElements>;
}

interface Window {
  /** For tests and benchmarks, and for whoever opens the console. */
  cutaway: { store: Store; lastFrame: Frame | null; page: any };
}

interface Uint8ArrayConstructor {
  /** Not yet in every browser. */
  fromBase64?(text: string): Uint8Array<ArrayBuffer>;
}
