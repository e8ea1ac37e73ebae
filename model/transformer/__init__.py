"""The transformer in PyTorch: three families from one set of parts."""
