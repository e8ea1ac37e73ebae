// The faces of what is written on the trio's canvases.

export const mono = (size, weight = 450) => `${weight} ${size}px "JetBrains Mono", ui-monospace, monospace`;
export const sans = (size, weight = 450) => `${weight} ${size}px Inter, system-ui, sans-serif`;
export const serif = (size, weight = 450) => `${weight} ${size}px "Source Serif 4", Georgia, serif`;
