# Serves the page on port 7860. No torch, no compiler: ONNX Runtime does the work.
#
#   docker build -t cutaway .
#   docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges -p 7860:7860 cutaway
#
# With CUDA: docker build --build-arg ONNXRUNTIME=onnxruntime-gpu --build-arg BASE=<an image with CUDA 13, Python 3.12> .
ARG BASE=python:3.12-slim
# hadolint ignore=DL3006
FROM ${BASE}
ARG ONNXRUNTIME=onnxruntime

LABEL org.opencontainers.image.title="Cutaway" \
      org.opencontainers.image.description="Every part of a real transformer, live while you type" \
      org.opencontainers.image.licenses="Apache-2.0"

# Nothing is written at run time: no byte code, no home, no cache of fetched models unless CUTAWAY_CACHE names a volume.
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CUTAWAY_HOSTED=1

WORKDIR /opt/cutaway
COPY requirements.txt .
RUN sed -i "s/^onnxruntime>/${ONNXRUNTIME}>/" requirements.txt \
    && pip install --no-cache-dir --no-compile --requirement requirements.txt

COPY pyproject.toml LICENSE ./
COPY app app
COPY export export
COPY model model
COPY static static

# Hosts such as Hugging Face Spaces run containers as user 1000, who needs no name here.
USER 1000
EXPOSE 7860
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:7860/healthz', timeout=4)"]
# The server hears signals as the first process too: no init is needed.
CMD ["python", "-m", "app.main", "--host", "0.0.0.0"]
