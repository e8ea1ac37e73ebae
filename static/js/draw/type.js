// The faces of what is written in a drawing, as CSS fonts.

/** Tokens and numbers. */
export const mono = (size, weight = 450) => `${weight} ${size}px "JetBrains Mono", ui-monospace, monospace`;

/** Labels. */
export const sans = (size, weight = 450) => `${weight} ${size}px Inter, system-ui, sans-serif`;

/** Symbols and titles. */
export const serif = (size, weight = 450) => `${weight} ${size}px "Source Serif 4", Georgia, serif`;
