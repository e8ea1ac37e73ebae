"""The trio in PyTorch, and everything about it that needs no PyTorch.

`config` with its two rooms, `taps`, `trace`, `tokenizer`, `sampling` and `zoo` import without torch, so that serving a
bundled model stays light; every other module here is torch.
"""
