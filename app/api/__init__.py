"""An API for programs: what it answers, and the endpoints by which `gradio_client` and MCP clients ask."""
