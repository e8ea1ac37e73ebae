"""The page that most people would write: a text box, `transformers`, and Plotly's heatmaps of a layer in `gr.Plot`.

It races the page of this project and is no part of it. The model is the bundled GPT, under the names that
`transformers` has for it; the picture's title is the text, by which a browser knows that it is there, and behind it a
bar, as Plotly leaves out a space at the end.
Usage: python -m tests.bench.race.plain_page FOLDER TOKENIZER --port PORT
"""

from __future__ import annotations

import sys
from typing import Any

import gradio as gr
import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

LAYER = 2


def main() -> None:
    """Serves it."""
    folder, vocabulary, _, port = sys.argv[1:]
    torch.set_num_threads(2)
    tokenizer = Tokenizer.from_file(vocabulary)
    model: Any = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)

    def draw(text: str) -> go.Figure:
        encoded = tokenizer.encode(text)
        with torch.no_grad():
            out = model(torch.tensor([encoded.ids]), output_attentions=True)
        heads = out.attentions[LAYER][0].numpy()
        figure = make_subplots(rows=2, cols=3, subplot_titles=[f"Head {head}" for head in range(len(heads))])
        for head, pattern in enumerate(heads):
            trace = go.Heatmap(z=pattern, colorscale="Viridis", showscale=False)
            figure.add_trace(trace, row=head // 3 + 1, col=head % 3 + 1)
        figure.update_yaxes(autorange="reversed")
        figure.update_layout(title=f"{text}|", height=600)
        return figure

    with gr.Blocks() as page:
        box = gr.Textbox(label="Text")
        plot = gr.Plot()
        box.input(draw, box, plot, trigger_mode="always_last", show_progress="hidden")
    page.launch(server_port=int(port), quiet=True)


if __name__ == "__main__":
    main()
