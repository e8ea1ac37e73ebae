"""The trio in ONNX: semantic ops to fused nodes, graphs without weights, sessions that run them, parity that proves it.

`session` runs without torch; every other module here exports from it.
"""
