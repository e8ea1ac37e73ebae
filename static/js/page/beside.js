// Where the window is wide enough for the column of predictions to stand beside the exhibit, as gradio.css has it.

export const BESIDE = "(min-width: 1280px)";
