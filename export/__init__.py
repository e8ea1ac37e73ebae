"""The trio in ONNX: semantic ops to fused nodes, graphs without weights, parity that proves them, and what runs them.

`runtime` runs finished graphs, and no module of it imports torch. All others may: they make graphs of PyTorch modules,
hold them against PyTorch, or say what another precision changes.
"""
