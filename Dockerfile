# Serves the page on port 7860. No torch, no compiler: ONNX Runtime does the work.
FROM python:3.12-slim

# Hosts such as Hugging Face Spaces run containers as user 1000.
RUN useradd --create-home --uid 1000 cutaway
WORKDIR /opt/cutaway

COPY requirements.txt .
RUN pip install --no-cache-dir --requirement requirements.txt

COPY app app
COPY export export
COPY model model
COPY static static

USER cutaway
EXPOSE 7860
CMD ["python", "-m", "app.main", "--host", "0.0.0.0"]
