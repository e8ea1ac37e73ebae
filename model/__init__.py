"""The trio of GPT, BERT and T5: what the models are, what they leave behind when they run, and where they come from.

What all rooms share stands in front of them: `taps`, the values that can be looked at; `trace`, one pass of them;
`masks`; `softmax`; `tokenizer`; `zoo`, the models there are. The rooms:

    config/       what a model is made of, as values
    transformer/  the modules themselves, in PyTorch
    study/        formulas in NumPy: what can be computed of a pass, and before one
    hub/          how published checkpoints are laid out, in terms of ours
    pretrained/   weights by name, from a folder, the hub or what is bundled
    train/        from plain text to a checkpoint
    tokenizers/   vocabularies to hold a text against
    stories/      text that no bundled model was trained on
    checkpoints/  the bundled models

`transformer`, `hub`, `pretrained` and `train` may import torch; everything else imports without it, so that serving a
bundled model stays light.
"""
