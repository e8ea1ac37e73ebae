"""The page: a Gradio app that serves a bundled model, live, from ONNX Runtime. Nothing here imports torch."""
